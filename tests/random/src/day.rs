//! What is remembered while a seed plays: the trace, the owner's edits that have to arrive, and what the vendors' users buried.

use crate::chance::Chance;
use crate::patched::{Record, Wished};
use crate::shop::Shop;
use anyhow::{Result, bail};
use backroom_core::sync::RunView;
use chrono::{DateTime, Duration, Utc};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Vendors keep what was deleted for thirty days; their connectors count on a day less.
const LONG_ABSENCE: Duration = Duration::days(28);

/// Lines of the trace that are kept.
const TRACE: usize = 1_000;

/// A field that the owner edits and that can be looked up on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Watched {
    /// Kind of record.
    pub kind: &'static str,
    /// Table here.
    pub table: &'static str,
    /// Column here.
    pub column: &'static str,
}

/// A customer's telephone number.
pub const PHONE: Watched = Watched { kind: "customer", table: "customers", column: "phone" };
/// A customer's notes.
pub const NOTES: Watched = Watched { kind: "customer", table: "customers", column: "notes" };
/// An item's description.
pub const DESCRIPTION: Watched = Watched { kind: "item", table: "items", column: "description" };
/// The owner's note on an invoice.
pub const NOTE: Watched = Watched { kind: "invoice", table: "invoices", column: "note" };
/// The owner's note on an order.
pub const INTERNAL: Watched = Watched { kind: "order", table: "orders", column: "internal_note" };

/// A remote record that was deleted or merged away, by what we would make it again under.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grave {
    /// Kind of record.
    pub kind: &'static str,
    /// Number, name, marker or key.
    pub key: String,
}

/// What is counted for the last line.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// Steps played.
    pub steps: u64,
    /// Faults planned and outages begun.
    pub faults: u64,
    /// Times the app was ended.
    pub kills: u64,
    /// Runs worked off.
    pub runs: u64,
}

impl Counts {
    /// Adds another seed's.
    pub fn add(&mut self, other: Self) {
        self.steps += other.steps;
        self.faults += other.faults;
        self.kills += other.kills;
        self.runs += other.runs;
    }
}

/// Something that is done at one of the sides.
pub type Act = fn(&mut Day, &Shop) -> Result<()>;

/// The memory of a seed.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is another thing that once happened")]
pub struct Day {
    /// Where chance comes from.
    pub chance: Chance,
    /// What happened, newest last.
    pub trace: VecDeque<String>,
    /// A number that makes every text of a seed its own.
    serial: u64,
    /// The owner's newest value of a field, until it has arrived. `true` when the vendor's user has touched the record meanwhile.
    pub edits: BTreeMap<(Watched, String), (String, bool)>,
    /// What must not come back.
    pub graves: BTreeSet<Grave>,
    /// Records the owner chose not to send.
    pub left_out: BTreeSet<(String, String)>,
    /// What the owner changed in a record and has yet to be sent: only that may change at the vendor.
    pub wished: BTreeMap<Record, Wished>,
    /// Anything may change at the vendors until nothing waits any more: a run is being undone, or differences were resolved.
    pub anything: bool,
    /// Records that a vendor ever showed in a form that is hard to read: kind and its id.
    pub poisoned: BTreeSet<(String, String)>,
    /// Records whose texts came in spoiled: kind and the vendor's id.
    pub spoiled: BTreeSet<(String, String)>,
    /// A vendor may have asked to be left alone for a day.
    pub absurd: bool,
    /// A run is going on.
    pub in_a_run: bool,
    /// The bookkeeper entered the payment of a charge while a run was going on, or while a payment had been sent without an answer.
    pub entered_in_a_run: bool,
    /// The owner said of a charge that it is a payment of its own.
    pub said_apart: bool,
    /// A long absence lies behind: deletions of that time can't be seen any more.
    pub long_absence: bool,
    /// The app ended in a run, whose row stays open until the next one.
    pub cut_off: bool,
    /// How far the data file and the vendors had come when they were last checked.
    pub checked: (i64, u64),
    /// When each vendor was last read to its end.
    read_at: BTreeMap<String, DateTime<Utc>>,
    /// Counters.
    pub counts: Counts,
}

impl Day {
    /// Nothing has happened yet.
    pub fn new(chance: Chance) -> Self {
        Self {
            chance,
            trace: VecDeque::new(),
            serial: 0,
            edits: BTreeMap::new(),
            graves: BTreeSet::new(),
            left_out: BTreeSet::new(),
            wished: BTreeMap::new(),
            anything: false,
            poisoned: BTreeSet::new(),
            spoiled: BTreeSet::new(),
            absurd: false,
            in_a_run: false,
            entered_in_a_run: false,
            said_apart: false,
            long_absence: false,
            cut_off: false,
            checked: (0, 0),
            read_at: BTreeMap::new(),
            counts: Counts::default(),
        }
    }

    /// A text that no other place of this seed has.
    pub fn text(&mut self, what: &str) -> String {
        self.serial += 1;
        format!("{what}{}", self.serial)
    }

    /// Adds a line to the trace.
    pub fn tell(&mut self, shop: &Shop, line: impl AsRef<str>) {
        let line = line.as_ref();
        if self.trace.len() == TRACE {
            self.trace.pop_front();
        }
        let at = shop.world.now().format("%m-%d %H:%M:%S");
        self.trace.push_back(format!("{:>4} {at} {line}", self.counts.steps));
    }

    /// The owner has set a field.
    pub fn edited(&mut self, field: Watched, id: &str, value: &str) {
        self.edits.insert((field, id.to_owned()), (value.to_owned(), false));
        self.wish_field(field, id);
    }

    /// What the owner set in a record no longer has to arrive: the record is void, archived or its problem was put away.
    pub fn let_go(&mut self, kind: &str, id: &str) {
        self.edits.retain(|(field, of), _| field.kind != kind || of != id);
    }

    /// The vendor's user changed the record in the middle of a run, so what arrived may already be replaced.
    pub fn touched(&mut self, kind: &str, id: &str) {
        for ((field, of), (_, touched)) in &mut self.edits {
            *touched |= field.kind == kind && of == id;
        }
    }

    /// The run that the day begins with has read every vendor to its end.
    pub fn note_first_run(&mut self, now: DateTime<Utc>) {
        self.read_at = ["QuickBooks", "ShipStation", "Stripe"].map(|vendor| (vendor.to_owned(), now)).into();
    }

    /// A run has ended. A vendor that was not read for a month can't tell all that happened meanwhile.
    pub fn note_run(&mut self, run: &RunView, now: DateTime<Utc>) {
        for part in &run.parts {
            let last = self.read_at.entry(part.vendor_name.clone()).or_insert(now);
            self.long_absence |= now - *last > LONG_ABSENCE;
            if part.error.is_none() {
                *last = now;
            }
        }
    }

    /// What an action of the owner's came to. Refusals are part of life; anything else is a fault of the app.
    pub fn outcome<T>(&mut self, shop: &Shop, what: &str, result: backroom_core::Result<T>) -> Result<Option<T>> {
        use backroom_core::Error;
        match result {
            Ok(value) => {
                self.tell(shop, format!("owner: {what}"));
                Ok(Some(value))
            }
            Err(error @ (Error::Invalid(_) | Error::Refused(_) | Error::Stale(_) | Error::NotFound(_))) => {
                let why = match &error {
                    Error::Invalid(fields) => {
                        fields.iter().map(|f| [&f.field, ": ", &f.reason].concat()).collect::<Vec<_>>().join(" ")
                    }
                    other => other.to_string(),
                };
                self.tell(shop, format!("owner: {what} -- no: {why}"));
                Ok(None)
            }
            Err(error) => bail!("{what}: {error}"),
        }
    }

    /// What something that asks the vendors came to: it may fail like they do, but not for a fault of the app.
    pub fn attempt<T>(&mut self, shop: &Shop, what: &str, result: backroom_core::Result<T>) -> Result<Option<T>> {
        match result {
            Err(error @ backroom_core::Error::Connector(_)) => {
                self.tell(shop, format!("owner: {what} -- in vain: {error}"));
                Ok(None)
            }
            result => self.outcome(shop, what, result),
        }
    }
}
