//! What happens while no sync runs: the owner and the vendors' people work, and the promises are looked after.

use crate::line::Line;
use crate::simulators::Simulators;
use anyhow::{Context as _, Result, ensure};
use backroom_core::{Core, DATA_FILE, Parts};
use backroom_random::chance::Chance;
use backroom_random::day::Day;
use backroom_random::shop::Shop;
use backroom_random::{agree, check, sides};
use connector_contract::{MemorySecrets, SystemClock};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use vendor_sim::World;

/// Quiet syncs before both sides have to agree.
const MOST_QUIET: u32 = 20;

/// Between two quiet syncs that still wait for something.
const PAUSE: Duration = Duration::from_secs(4);

/// What happened.
#[derive(Default)]
pub struct Tally {
    /// Times the program was killed.
    pub kills: u32,
    /// Times it was started to sync.
    pub restarts: u32,
    /// Records that a vendor does not have although they were sent.
    pub lost: usize,
    /// Records that a vendor has twice.
    pub doubled: usize,
}

/// The office between two syncs.
#[derive(Clone)]
pub struct Office {
    folder: PathBuf,
    day: Day,
}

impl Office {
    /// Over this data folder.
    pub fn new(folder: &Path, seed: u64) -> Self {
        Self { folder: folder.to_owned(), day: Day::new(Chance::new(seed.wrapping_add(1 << 32))) }
    }

    /// The app on the file, as its window would open it, and a copy of the vendors' world. Nothing here asks a vendor.
    async fn shop(&self, simulators: &Simulators) -> Result<Shop> {
        let world = World::live();
        world.restore(simulators.state().await?);
        let core = Core::open(Parts {
            data_folder: Some(self.folder.clone()),
            clock: Arc::new(SystemClock),
            secrets: Arc::new(MemorySecrets::default()),
            vendors: Vec::new(),
            practice: None,
        })?;
        Shop::around(core, &self.folder.join(DATA_FILE), world)
    }

    /// A few things happen on both sides.
    pub async fn work(&mut self, simulators: &Simulators) -> Result<()> {
        let shop = self.shop(simulators).await?;
        for _ in 0..self.day.chance.between(2, 5) {
            self.day.owner(&shop)?;
        }
        for _ in 0..self.day.chance.between(0, 3) {
            self.day.vendors(&shop)?;
        }
        // As if a minute had passed since the last sync: otherwise the limits of a minute make every other one wait.
        shop.world.write(|state, _| state.shipstation.windows.clear());
        simulators.restore(&shop.world.snapshot()).await
    }

    /// Looks after the promises: the file is whole, the books balance, nothing is lost, doubled, overwritten or back from the dead.
    pub async fn look(&mut self, simulators: &Simulators, killed: bool, tally: &mut Tally) -> Result<()> {
        let shop = self.shop(simulators).await?;
        let integrity = shop.file().rows("PRAGMA integrity_check")?.concat();
        ensure!(integrity == ["ok"], "the data file is damaged: {integrity:?}");
        let orphans = shop.file().rows("PRAGMA foreign_key_check")?;
        ensure!(orphans.is_empty(), "rows refer to nothing: {orphans:?}");
        let lost = shop.file().lost()?;
        tally.lost +=
            lost.iter().filter(|(kind, id)| !self.day.left_out.contains(&((*kind).into(), id.clone()))).count();
        tally.doubled += check::doubled(&shop.world).len();
        self.day.cut_off = killed;
        // A file that is opened anew counts its changes anew.
        self.day.checked = (0, 0);
        check::check(&mut self.day, &shop).with_context(|| self.last_words())
    }

    fn last_words(&self) -> String {
        let trace = self.day.trace.iter().skip(self.day.trace.len().saturating_sub(30));
        trace.map(|line| ["  ", line].concat()).collect::<Vec<_>>().join("\n")
    }

    /// Lets big changes happen that a brake holds back.
    async fn release_brakes(&mut self, simulators: &Simulators) -> Result<()> {
        let shop = self.shop(simulators).await?;
        agree::release_brakes(&mut self.day, &shop)
    }

    /// Whether something waits that will be sent by itself.
    async fn waits(&self, simulators: &Simulators) -> Result<bool> {
        agree::waits_by_itself(self.shop(simulators).await?.file())
    }

    /// Both sides agree.
    async fn compare(&self, simulators: &Simulators) -> Result<()> {
        let shop = self.shop(simulators).await?;
        sides::compare(&shop.world, shop.file(), &self.day.left_out, &self.day.spoiled, false)
            .with_context(|| self.last_words())
    }

    /// Syncs in peace until nothing waits by itself any more; then both sides agree.
    pub async fn settle(&mut self, line: &Line, simulators: &Simulators, tally: &mut Tally) -> Result<()> {
        let mut idle = 0;
        for _ in 0..MOST_QUIET {
            self.release_brakes(simulators).await?;
            let done_nothing = line.sync_to_the_end().await?;
            tally.restarts += 1;
            self.look(simulators, false, tally).await?;
            let waits = self.waits(simulators).await?;
            idle = if done_nothing && !waits { idle + 1 } else { 0 };
            if idle == 2 {
                return self.compare(simulators).await;
            }
            if waits {
                tokio::time::sleep(PAUSE).await;
            }
        }
        anyhow::bail!("no rest after {MOST_QUIET} quiet syncs")
    }
}
