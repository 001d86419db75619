//! Breaking one safeguard of the sync on purpose, so that the program of random days can show that it would notice.
//!
//! Absent on purpose: any way to break something in a shipped build. Without the feature `sabotage`, which only that program
//! switches on, every question is answered with `false` while compiling.

/// A safeguard that can be broken. Each is asked for at the one place where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Safeguard {
    /// What is sent and its key lie on disk before the request leaves.
    KeyOnDisk,
    /// A page and its cursor are one transaction.
    CursorWithPage,
    /// What comes in is never laid over a change that waits to be sent.
    HoldUnsent,
    /// The same field changed on both sides is for the owner to decide.
    MergeByField,
    /// A new remote record is first looked for among those here.
    Dedupe,
    /// A deleted record leaves a tombstone.
    Tombstone,
    /// Listeners hear of a change after its commit.
    EventAfterCommit,
    /// One renewal of a sign-in at a time.
    RefreshLock,
    /// A stage that panics is its connection's problem and nothing else's.
    Supervision,
    /// Windows and cursors go by the vendor's clock.
    VendorClock,
    /// An update changes what the owner changed and sends everything else back as it came.
    Patch,
    /// A payment is made only after looking for the one that may be there.
    SamePayment,
}

impl Safeguard {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::KeyOnDisk,
        Self::CursorWithPage,
        Self::HoldUnsent,
        Self::MergeByField,
        Self::Dedupe,
        Self::Tombstone,
        Self::EventAfterCommit,
        Self::RefreshLock,
        Self::Supervision,
        Self::VendorClock,
        Self::Patch,
        Self::SamePayment,
    ];

    /// What breaking it is called.
    pub const fn sabotage(self) -> &'static str {
        match self {
            Self::KeyOnDisk => "no-key-on-disk",
            Self::CursorWithPage => "cursor-before-page",
            Self::HoldUnsent => "apply-over-unsent",
            Self::MergeByField => "merge-by-last-writer",
            Self::Dedupe => "no-dedupe",
            Self::Tombstone => "no-tombstone",
            Self::EventAfterCommit => "event-before-commit",
            Self::RefreshLock => "refresh-without-a-lock",
            Self::Supervision => "no-supervision",
            Self::VendorClock => "our-clock-as-cursor",
            Self::Patch => "render-instead-of-patch",
            Self::SamePayment => "no-look-for-a-payment",
        }
    }

    /// Whether it is broken.
    #[cfg(not(feature = "sabotage"))]
    pub const fn is_broken(self) -> bool {
        false
    }

    /// Whether it is broken.
    #[cfg(feature = "sabotage")]
    pub fn is_broken(self) -> bool {
        BROKEN.load(std::sync::atomic::Ordering::Relaxed) == self as usize
    }

    /// Breaks this one in the whole process and mends all others; `None` mends all.
    #[cfg(feature = "sabotage")]
    pub fn break_only(broken: Option<Self>) {
        BROKEN.store(broken.map_or(usize::MAX, |broken| broken as usize), std::sync::atomic::Ordering::Relaxed);
    }
}

#[cfg(feature = "sabotage")]
static BROKEN: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(usize::MAX);
