//! What has to hold after one place of one answer was wrong: nobody panicked, every run ended, nothing but the one record is
//! missing, and that one is reported.

use super::spoil::Spoiled;
use crate::check::doubled;
use crate::shop::Shop;
use anyhow::{Result, ensure};
use serde_json::Value;
use std::collections::BTreeSet;
use vendor_sim::Vendor;
use vendor_sim::quickbooks::Kind;

/// Where the records of a kind lie: their links, or a table of their own.
enum Home {
    Links(&'static str),
    Table(&'static str),
}

/// Everything that the vendors keep is here or reported; books and stock are in proof; nothing is at a vendor twice.
pub fn check(shop: &Shop, spoiled: &Spoiled) -> Result<()> {
    let faults = [shop.core().check_ledger()?, shop.core().check_stock()?].concat();
    ensure!(faults.is_empty(), "books or stock are out of proof: {faults:?}");
    ensure!(!shop.file().has_open_run()?, "a run is left open");
    let twice = doubled(&shop.world);
    ensure!(twice.is_empty(), "twice at a vendor: {twice:?}");
    let lost = shop.file().lost()?;
    ensure!(lost.is_empty(), "neither at the vendor, nor waiting, nor a problem: {lost:?}");
    let problems = shop.file().problems()?;
    for (vendor, kind, home, ids) in kept(shop) {
        let here: BTreeSet<String> = match home {
            Home::Links(kind) => {
                let links = shop.file().links()?.into_iter().filter(|link| link.kind == kind);
                links.map(|link| link.remote_id).collect()
            }
            Home::Table(table) => {
                let rows = shop.file().rows(&format!("SELECT remote_id FROM {table}"))?;
                rows.into_iter().flatten().collect()
            }
        };
        // Without the account itself nothing of it can be read, and that is said.
        let stopped = spoiled.account
            && vendor == spoiled.vendor
            && problems.iter().any(|problem| {
                problem.kind == "connection" && matches!(problem.code.as_str(), "protocol" | "other_account")
            });
        for id in ids.iter().filter(|id| !here.contains(*id)) {
            let reported = problems.iter().any(|problem| problem.remote_id.as_ref() == Some(id));
            // A record whose id can't be read is reported without it.
            let unnamed = problems
                .iter()
                .any(|problem| problem.remote_id.as_deref().is_none_or(|id| !ids.iter().any(|known| known == id)));
            let is_it = spoiled.record.as_ref().is_some_and(|around| around.id == *id);
            // Under another name it is another record, as far as anybody can tell.
            let renamed = spoiled.renamed.as_ref().is_some_and(|name| here.contains(name));
            ensure!(
                reported || stopped || (is_it && (unnamed || renamed)),
                "{kind} {id} is neither here nor reported; problems: {problems:#?}"
            );
        }
    }
    Ok(())
}

/// What each vendor keeps, by kind, with where it should lie here.
fn kept(shop: &Shop) -> Vec<(Vendor, &'static str, Home, Vec<String>)> {
    let text = |value: &Value, key: &str| match &value[key] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut kept = shop.world.read(|state| {
        let books = &state.quickbooks.books;
        let ids = |kind: Kind| books.all(kind).map(|row| text(&Value::Object(row.clone()), "Id")).collect::<Vec<_>>();
        let orders = state.shipstation.orders.values().filter(|order| !order.gone);
        vec![
            (Vendor::Quickbooks, "customer", Home::Links("customer"), ids(Kind::Customer)),
            (Vendor::Quickbooks, "item", Home::Links("item"), ids(Kind::Item)),
            (Vendor::Quickbooks, "invoice", Home::Links("invoice"), ids(Kind::Invoice)),
            (Vendor::Quickbooks, "payment", Home::Links("payment"), ids(Kind::Payment)),
            (Vendor::Shipstation, "order", Home::Links("order"), orders.map(|order| order.id.to_string()).collect()),
        ]
    });
    let processor = shop.dump(Vendor::Stripe);
    let ids = |name: &str| processor[name].as_array().into_iter().flatten().map(|row| text(row, "id")).collect();
    kept.extend([
        (Vendor::Stripe, "charge", Home::Table("charges"), ids("charges")),
        (Vendor::Stripe, "refund", Home::Table("refunds"), ids("refunds")),
        (Vendor::Stripe, "dispute", Home::Table("disputes"), ids("disputes")),
        (Vendor::Stripe, "payout", Home::Table("payouts"), ids("payouts")),
        (Vendor::Stripe, "balance entry", Home::Table("balance_entries"), ids("balance_transactions")),
    ]);
    kept
}
