//! The shop: one app with its data file, the three simulators, and what happens to them as a whole (start, end, connect, sync).

use crate::ear::Ear;
use crate::file::File;
use crate::wire::{Side, Wire};
use anyhow::{Context as _, Result, bail};
use backroom_core::connections::{ConnectDraft, ConnectionEnvironment, NamedText, SignInOutcome};
use backroom_core::ids::{ConnectionId, PlanId, RunId};
use backroom_core::sync::{RunState, RunTrigger, RunView};
use backroom_core::{Core, Error, Parts, testing};
use bytes::Bytes;
use chrono::{DateTime, Duration, Utc};
use connector_contract::{FakeClock, MemorySecrets, SecretStore};
use futures::FutureExt as _;
use http::{Request, header};
use serde_json::Value;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use url::Url;
use vendor_sim::{InProcess, Vendor, World};

/// Counts the shops of this process, so that each has a data file of its own.
static SHOPS: AtomicU64 = AtomicU64::new(0);

/// Everything around one seed.
pub struct Shop {
    /// Where the data file lies in memory. Ends of the app are played in this process, so no disk is needed to survive them.
    address: String,
    /// The vendors.
    pub world: World,
    /// The one clock.
    pub clock: Arc<FakeClock>,
    /// The transport.
    pub wire: Arc<Wire>,
    secrets: Arc<dyn SecretStore>,
    /// The app; `None` between its end and its next start.
    core: Option<Arc<Core>>,
    file: Option<File>,
    /// What hears of the app's events.
    ear: Arc<Ear>,
}

/// Where a run is stopped.
#[derive(Debug, Clone, Copy)]
pub enum Halt {
    /// At its n-th request something happens meanwhile, and it goes on.
    Meanwhile(u32, Side),
    /// At its n-th request the app ends.
    EndAtRequest(u32, Side),
    /// Right after its n-th commit the app ends.
    EndAfterCommit(u32),
}

/// What a run is to do.
#[derive(Debug, Clone, Copy)]
pub enum Work {
    /// All there is.
    Sync,
    /// What was approved in this plan.
    Plan(PlanId),
    /// To take this run back.
    Undo(RunId),
}

/// How a run came out.
pub enum Ran {
    /// It ended by itself.
    Ended(Box<RunView>),
    /// It did not begin, and this is why.
    Refused(String),
    /// The app ended in the middle of it.
    Killed,
}

impl Shop {
    /// A new company at this moment, with all three vendors connected and synced once.
    pub async fn open(
        world_seed: &str,
        start: DateTime<Utc>,
        chance: u64,
        clocks: &[(Vendor, Duration)],
    ) -> Result<Self> {
        let mut shop = Self::connected(world_seed, start, chance, clocks).await?;
        match shop.sync(None, |_| Ok(())).await? {
            Ran::Ended(run) if run.state == RunState::Done => Ok(shop),
            Ran::Ended(run) => bail!("the first sync ended {:?}: {run:?}", run.state),
            Ran::Refused(why) => bail!("the first sync was refused: {why}"),
            Ran::Killed => bail!("the first sync was cut off"),
        }
    }

    /// The same before its first sync. The clocks of these vendors are so far ahead of ours.
    pub async fn connected(
        world_seed: &str,
        start: DateTime<Utc>,
        chance: u64,
        clocks: &[(Vendor, Duration)],
    ) -> Result<Self> {
        let clock = Arc::new(FakeClock::at(start));
        let world = World::with_clock(clock.clone());
        for (vendor, ahead) in clocks {
            world.set_ahead(*vendor, *ahead);
        }
        world.seed(world_seed).map_err(|error| anyhow::anyhow!(error.0))?;
        let wire = Wire::new(InProcess::new(world.clone()), clock.clone(), chance);
        let address = format!("file:/backroom-{}?vfs=memdb", SHOPS.fetch_add(1, Ordering::Relaxed));
        let secrets = Arc::new(MemorySecrets::default());
        let ear = Arc::new(Ear::new(&address)?);
        let mut shop = Self { address, world, clock, wire, secrets, core: None, file: None, ear };
        shop.start()?;
        shop.core().set_up_company(backroom_core::company::CompanySetup {
            name: "Harbor & Pine".to_owned(),
            currency: "USD".to_owned(),
            time_zone: "America/New_York".to_owned(),
        })?;
        shop.connect().await?;
        Ok(shop)
    }

    /// The app over a data file on disk and a copy of the vendors' world, for whoever runs them as processes. Nothing is synced here.
    pub fn around(core: Arc<Core>, file: &Path, world: World) -> Result<Self> {
        let address = format!("file:{}", file.display());
        let clock = Arc::new(FakeClock::at(world.now()));
        let wire = Wire::new(InProcess::new(world.clone()), clock.clone(), 0);
        let (ear, secrets) = (Arc::new(Ear::new(&address)?), Arc::new(MemorySecrets::default()));
        let file = Some(File::open(&address)?);
        Ok(Self { address, world, clock, wire, secrets, core: Some(core), file, ear })
    }

    /// The app.
    pub fn core(&self) -> &Arc<Core> {
        self.core.as_ref().expect("the app is running")
    }

    /// A look at the data file.
    pub fn file(&self) -> &File {
        self.file.as_ref().expect("the app is running")
    }

    /// What was wrong with an event, if anything ever was.
    pub fn untold(&self) -> Option<String> {
        self.ear.untold()
    }

    fn open_core(&self) -> Result<Arc<Core>> {
        let parts = Parts {
            data_folder: None,
            clock: self.clock.clone(),
            secrets: self.secrets.clone(),
            vendors: connector_registry::vendors(self.wire.clone()),
            practice: Some(serde_json::to_value(self.world.connection())?),
        };
        Ok(testing::open_shared(&self.address, parts)?)
    }

    fn start(&mut self) -> Result<()> {
        let core = self.open_core()?;
        let ear = self.ear.clone();
        core.listen(Arc::new(move |event| ear.hear(event)));
        self.core = Some(core);
        if self.file.is_none() {
            // Held open from here on, so that the file outlives the app.
            self.file = Some(File::open(&self.address)?);
        }
        Ok(())
    }

    /// The app ends without a word and is started again on what lies on disk.
    pub fn restart(&mut self) -> Result<()> {
        let core = self.core.take().context("the app is running")?;
        let held = Arc::strong_count(&core);
        drop(core);
        if held != 1 {
            bail!("{held} hands hold the app that ended");
        }
        self.start()
    }

    fn draft(&self, vendor: &str) -> Result<ConnectDraft> {
        let view = self.core().list_vendors()?.into_iter().find(|view| view.id == vendor).context("no such vendor")?;
        let filled = |field: backroom_core::connections::VendorField| {
            Some(NamedText { id: field.id, value: field.practice_value? })
        };
        Ok(ConnectDraft {
            vendor: vendor.to_owned(),
            connection_id: None,
            environment: ConnectionEnvironment::Practice,
            fields: view.fields.into_iter().filter_map(filled).collect(),
            endpoints: Vec::new(),
            redirect_uri: None,
        })
    }

    async fn connect(&self) -> Result<()> {
        self.sign_in(None).await?;
        for vendor in ["shipstation", "stripe"] {
            connected(self.core().connect_with_keys(self.draft(vendor)?).await?)?;
        }
        self.core().waive_first_looks()?;
        Ok(())
    }

    fn signed_out(&self) -> Result<Vec<Vec<String>>> {
        self.file().rows("SELECT id FROM connections WHERE vendor = 'quickbooks' AND state = 'needs_sign_in'")
    }

    /// Whether the app asks for a new sign-in to `QuickBooks`: a renewal whose answer is lost ends the old one.
    pub fn needs_sign_in(&self) -> Result<bool> {
        Ok(!self.signed_out()?.is_empty())
    }

    /// Signs in again if the app asks for it. Tells how that went; in bad weather it may fail.
    pub async fn sign_in_again(&self) -> Result<Option<Result<()>>> {
        let needs = self.signed_out()?;
        let Some(id) = needs.first() else { return Ok(None) };
        self.wire.begin(None);
        let outcome = self.sign_in(Some(id[0].parse()?)).await;
        if outcome.is_err() {
            self.wire.tokens_lost();
        }
        Ok(Some(outcome))
    }

    async fn sign_in(&self, connection_id: Option<ConnectionId>) -> Result<()> {
        let draft = ConnectDraft { connection_id, ..self.draft("quickbooks")? };
        let started = self.core().start_sign_in(draft).await?;
        let request = Request::get(started.authorize_url).body(Bytes::new())?;
        let page = self.wire.browse(request).await.map_err(|e| anyhow::anyhow!("{e}"))?;
        let target = page.headers().get(header::LOCATION).context("the page leads nowhere")?;
        let query = Url::parse(target.to_str()?)?.query().unwrap_or_default().to_owned();
        connected(self.core().finish_sign_in(format!("backroom://oauth/quickbooks?{query}")).await?)
    }

    /// Two faces of the app ask every vendor who it is at the same time, so that both may want to renew the sign-in.
    pub async fn two_at_once(&self) -> Result<()> {
        let other = self.open_core()?;
        self.wire.begin(None);
        self.wire.let_renewals_meet(true);
        let (one, two) = tokio::join!(self.core().check(), other.check());
        self.wire.let_renewals_meet(false);
        one.and(two)?;
        Ok(())
    }

    /// [`Shop::work`] of a sync.
    pub async fn sync(&mut self, halt: Option<Halt>, meanwhile: impl FnMut(&Self) -> Result<()>) -> Result<Ran> {
        self.work(Work::Sync, halt, meanwhile).await
    }

    /// Something else that asks the vendors, to its end.
    pub async fn undisturbed<T>(&self, ask: impl AsyncFnOnce(&Core) -> T) -> Result<T> {
        self.wire.begin(None);
        tokio::select! {
            biased;
            told = ask(self.core()) => Ok(told),
            () = self.wire.reached() => bail!("it does not end: {} requests", self.wire.passed()),
        }
    }

    /// A run to its end, or until the app ends. While it is stopped for it, `meanwhile` happens.
    pub async fn work(
        &mut self,
        work: Work,
        halt: Option<Halt>,
        mut meanwhile: impl FnMut(&Self) -> Result<()>,
    ) -> Result<Ran> {
        self.wire.begin(match halt {
            Some(Halt::Meanwhile(nth, side) | Halt::EndAtRequest(nth, side)) => Some((nth, side)),
            _ => None,
        });
        let core = self.core().clone();
        core.end_after_commits(if let Some(Halt::EndAfterCommit(nth)) = halt { nth } else { 0 });
        let ended = {
            let run = async {
                match work {
                    Work::Sync => core.run_to_end(None, RunTrigger::Owner).await,
                    Work::Plan(plan) => core.run_plan_to_end(plan, true).await,
                    Work::Undo(run) => core.undo_to_end(run).await,
                }
            };
            let mut run = Box::pin(AssertUnwindSafe(run).catch_unwind());
            loop {
                tokio::select! {
                    biased;
                    run = &mut run => break run.map(Some),
                    () = self.wire.reached() => {
                        if self.wire.is_endless() {
                            bail!("a run does not end: {} requests", self.wire.passed());
                        }
                        if matches!(halt, Some(Halt::EndAtRequest(..))) {
                            break Ok(None);
                        }
                        meanwhile(self)?;
                        self.wire.open();
                    }
                }
            }
        };
        core.end_after_commits(0);
        drop(core);
        match ended {
            Ok(Some(Err(Error::Refused(why)))) => return Ok(Ran::Refused(why)),
            Ok(Some(run)) => return Ok(Ran::Ended(Box::new(run?))),
            Ok(None) => {}
            Err(unwound) if unwound.is::<testing::Ended>() => {}
            Err(unwound) => std::panic::resume_unwind(unwound),
        }
        self.wire.end().await;
        self.restart()?;
        Ok(Ran::Killed)
    }

    /// Time passes, on the calendar and on the steady clock alike.
    pub async fn wait(&self, step: Duration) {
        self.clock.advance(step);
        if let Ok(step) = step.to_std() {
            tokio::time::advance(step).await;
        }
    }

    /// All of a vendor's troubles end.
    pub fn calm(&self) {
        self.world.clear_faults();
        self.world.clear_poisons();
        for vendor in Vendor::ALL {
            self.world.outage(vendor, false);
        }
    }

    /// Copies the data file and what the vendors keep into this folder.
    pub fn keep(&self, folder: &Path) -> Result<()> {
        std::fs::create_dir_all(folder)?;
        self.file().copy(&folder.join("backroom.sqlite"))?;
        for vendor in Vendor::ALL {
            let text = serde_json::to_string_pretty(&self.dump(vendor))?;
            std::fs::write(folder.join(vendor.as_str()).with_extension("json"), text)?;
        }
        self.world.save(&folder.join("world.json"))
    }

    /// Everything a simulator keeps, for the end.
    pub fn dump(&self, vendor: Vendor) -> Value {
        self.world.dump(vendor)
    }
}

fn connected(outcome: SignInOutcome) -> Result<()> {
    match outcome {
        SignInOutcome::Connected { .. } => Ok(()),
        SignInOutcome::Failed { message, .. } => bail!("not connected: {message}"),
    }
}
