//! Troubles beside the app: faults on the way, records that spoil their answers, clocks that go wrong.
//!
//! Absent on purpose: their end, which is `Shop::calm`. Clocks stay as wrong as they are.

use crate::chance::Chance;
use crate::day::Day;
use crate::fuzz::hostile;
use crate::shop::Shop;
use chrono::Duration;
use serde_json::{Value, json};
use vendor_sim::quickbooks::Kind;
use vendor_sim::{Fault, FaultKind, Harm, Poison, Vendor};

const FAULTS: &[FaultKind] = &[
    FaultKind::TooManyRequests,
    FaultKind::ServerError,
    FaultKind::ServerErrorAfter,
    FaultKind::BadGateway,
    FaultKind::Refuse,
    FaultKind::TimeoutBefore,
    FaultKind::TimeoutAfter,
    FaultKind::CutBefore,
    FaultKind::CutAfter,
    FaultKind::Slow,
    FaultKind::TruncatedJson,
    FaultKind::Html200,
    FaultKind::EmptyBody,
    FaultKind::DuplicatePage,
    FaultKind::LateEvent,
    FaultKind::StaleRead,
];

/// A fault of the network or of a vendor, here and there with a header that makes no sense.
pub fn fault(day: &mut Day, shop: &Shop) {
    let (Some(vendor), Some(kind)) = (day.chance.one(&Vendor::ALL).copied(), day.chance.one(FAULTS).copied()) else {
        return;
    };
    let mut fault = Fault::next(vendor, kind)
        .after(u32::try_from(day.chance.between(0, 6)).unwrap_or(0))
        .times(day.chance.weighted(&[(6, 1), (3, 2), (1, 8)]).unwrap_or(1));
    fault.method = day.chance.weighted(&[(4, Some("POST")), (2, Some("GET")), (2, None)]).flatten().map(str::to_owned);
    if kind == FaultKind::Slow && day.chance.percent(50) {
        fault.delay_ms = Some(200_000);
    }
    if day.chance.percent(20)
        && let (Some(name), Some(value)) = (day.chance.one(hostile::HEADERS), day.chance.one(hostile::HEADER_VALUES))
        && let Ok(value) = std::str::from_utf8(value)
    {
        if day.chance.percent(50) {
            fault.kind = FaultKind::Headers;
        }
        fault = fault.with_header(name, value);
        day.absurd = true;
        day.tell(shop, format!("with the header {name}: {value}"));
    }
    day.counts.faults += 1;
    day.tell(
        shop,
        format!(
            "fault: {} {:?} {:?} skip {} times {}",
            vendor.as_str(),
            fault.kind,
            fault.method,
            fault.skip,
            fault.count
        ),
    );
    shop.world.plan(fault);
}

/// Makes one record of a vendor's hard to read, or impossible to get.
pub fn poison(day: &mut Day, shop: &Shop) {
    let books = |kind: Kind| {
        shop.world.read(|state| {
            let rows = state.quickbooks.books.all(kind);
            rows.filter_map(|row| row.get("Id")?.as_str().map(str::to_owned)).collect::<Vec<_>>()
        })
    };
    let (vendor, kind, within, member, field, ids) = match day.chance.below(4) {
        0 => (Vendor::Quickbooks, "customer", Some("Customer"), "Id", "Notes", books(Kind::Customer)),
        1 => (Vendor::Quickbooks, "invoice", Some("Invoice"), "Id", "PrivateNote", books(Kind::Invoice)),
        2 => {
            let ids = shop.world.read(|state| state.shipstation.orders.keys().map(ToString::to_string).collect());
            (Vendor::Shipstation, "order", None, "orderId", "customerNotes", ids)
        }
        _ => {
            let id = |charge: &Value| charge["id"].as_str().map(str::to_owned);
            let ids = shop.world.read(|state| state.stripe.all("charges").iter().filter_map(id).collect());
            (Vendor::Stripe, "charge", None, "id", "description", ids)
        }
    };
    let Some(id) = day.chance.one::<String>(&ids).cloned() else { return };
    let field = field.to_owned();
    let harm = match day.chance.below(5) {
        0 => Harm::BadUtf8 { field },
        1 => Harm::LoneSurrogate { field },
        2 => Harm::Deep { levels: 200 },
        3 => Harm::BrokenJson,
        _ => Harm::Fails { status: 500, body: json!({ "Message": "An error has occurred." }) },
    };
    day.poisoned.insert((kind.to_owned(), id.clone()));
    if matches!(harm, Harm::BadUtf8 { .. } | Harm::LoneSurrogate { .. }) {
        day.spoiled.insert((kind.to_owned(), id.clone()));
    }
    day.tell(shop, format!("{} {kind} {id}: {harm:?}", vendor.as_str()));
    let poison = Poison::of(vendor, member, id, harm);
    shop.world.poison(match within {
        Some(name) => poison.within(name),
        None => poison,
    });
}

/// How far each vendor's clock is ahead of ours: in six of ten seeds hours, or hours behind.
pub fn clocks_of_their_own(chance: &mut Chance) -> [(Vendor, Duration); 3] {
    Vendor::ALL.map(|vendor| {
        let ahead = if chance.percent(60) { chance.between(-300, 300) } else { 0 };
        (vendor, Duration::minutes(ahead))
    })
}

/// Our clock jumps, and the vendors' go on as they were.
pub fn clock(day: &mut Day, shop: &Shop) {
    let jump = Duration::minutes(day.chance.between(-180, 180));
    day.tell(shop, format!("our clock jumps by {} minutes", jump.num_minutes()));
    shop.clock.advance(jump);
    for vendor in Vendor::ALL {
        let ahead = shop.world.of(vendor).now() - shop.world.now();
        shop.world.set_ahead(vendor, ahead - jump);
    }
}
