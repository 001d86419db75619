//! The shop: one app with its data file, the three simulators, and what happens to them as a whole (start, end, connect, sync).

use crate::file::File;
use crate::wire::{Side, Wire};
use anyhow::{Context as _, Result, bail};
use backroom_core::connections::{ConnectDraft, ConnectionEnvironment, NamedText, SignInOutcome};
use backroom_core::ids::ConnectionId;
use backroom_core::sync::{RunState, RunTrigger, RunView};
use backroom_core::{Core, Parts};
use bytes::Bytes;
use chrono::{DateTime, Duration, Utc};
use connector_contract::{FakeClock, MemorySecrets, SecretStore};
use connector_http::{Exchange as _, Limits};
use http::{Request, header};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use url::Url;
use vendor_sim::{InProcess, Vendor, World};

/// Where memory stands in for a disk, if there is such a place: the data file is synced to disk with every commit.
const IN_MEMORY: &str = "/dev/shm";

/// Everything around one seed.
pub struct Shop {
    folder: TempDir,
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
}

/// How a run came out.
pub enum Ran {
    /// It ended by itself.
    Ended(Box<RunView>),
    /// The app ended in the middle of it.
    Killed,
}

impl Shop {
    /// A new company at this moment, with all three vendors connected and synced once.
    pub async fn open(world_seed: &str, start: DateTime<Utc>, chance: u64) -> Result<Self> {
        let clock = Arc::new(FakeClock::at(start));
        let world = World::with_clock(clock.clone());
        world.seed(world_seed).map_err(|error| anyhow::anyhow!(error.0))?;
        let wire = Wire::new(InProcess::new(world.clone()), clock.clone(), chance);
        let mut builder = tempfile::Builder::new();
        let builder = builder.prefix("backroom-random");
        let memory = Path::new(IN_MEMORY);
        let folder = if memory.is_dir() { builder.tempdir_in(memory)? } else { builder.tempdir()? };
        let secrets = Arc::new(MemorySecrets::default());
        let mut shop = Self { folder, world, clock, wire, secrets, core: None, file: None };
        shop.start()?;
        shop.core().set_up_company(backroom_core::company::CompanySetup {
            name: "Harbor & Pine".to_owned(),
            currency: "USD".to_owned(),
            time_zone: "America/New_York".to_owned(),
        })?;
        shop.connect().await?;
        match shop.sync(None, None, |_| Ok(())).await? {
            Ran::Ended(run) if run.state == RunState::Done => Ok(shop),
            Ran::Ended(run) => bail!("the first sync ended {:?}: {run:?}", run.state),
            Ran::Killed => bail!("the first sync was cut off"),
        }
    }

    /// The app.
    pub fn core(&self) -> &Arc<Core> {
        self.core.as_ref().expect("the app is running")
    }

    /// A look at the data file.
    pub fn file(&self) -> &File {
        self.file.as_ref().expect("the app is running")
    }

    fn start(&mut self) -> Result<()> {
        let parts = Parts {
            data_folder: Some(self.folder.path().to_owned()),
            clock: self.clock.clone(),
            secrets: self.secrets.clone(),
            vendors: connector_registry::vendors(self.wire.clone()),
            practice: Some(serde_json::to_value(self.world.connection())?),
        };
        self.core = Some(Core::open(parts)?);
        if self.file.is_none() {
            // Held open from here on, so that the app's end finds the journal as a power cut would.
            self.file = Some(File::open(&self.folder.path().join("backroom.sqlite"))?);
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
        Ok(Some(self.sign_in(Some(id[0].parse()?)).await))
    }

    async fn sign_in(&self, connection_id: Option<ConnectionId>) -> Result<()> {
        let draft = ConnectDraft { connection_id, ..self.draft("quickbooks")? };
        let started = self.core().start_sign_in(draft).await?;
        let request = Request::get(started.authorize_url).body(Bytes::new())?;
        let page = self.wire.exchange(request, Limits::default()).await.map_err(|e| anyhow::anyhow!("{e}"))?;
        let target = page.headers().get(header::LOCATION).context("the page leads nowhere")?;
        let query = Url::parse(target.to_str()?)?.query().unwrap_or_default().to_owned();
        connected(self.core().finish_sign_in(format!("backroom://oauth/quickbooks?{query}")).await?)
    }

    /// A run to its end. At the n-th request it is stopped: then `meanwhile` happens and the run goes on, or, where `kill` is
    /// set, the app ends.
    pub async fn sync(
        &mut self,
        stop: Option<(u32, Side)>,
        kill: Option<()>,
        mut meanwhile: impl FnMut(&Self) -> Result<()>,
    ) -> Result<Ran> {
        self.wire.begin(stop);
        let core = self.core().clone();
        let ended = {
            let mut run = Box::pin(core.run_to_end(None, RunTrigger::Owner));
            loop {
                tokio::select! {
                    biased;
                    run = &mut run => break Some(run?),
                    () = self.wire.reached() => {
                        if self.wire.is_endless() {
                            bail!("a run does not end: {} requests", self.wire.passed());
                        }
                        if kill.is_some() {
                            break None;
                        }
                        meanwhile(self)?;
                        self.wire.open();
                    }
                }
            }
        };
        drop(core);
        if let Some(run) = ended {
            return Ok(Ran::Ended(Box::new(run)));
        }
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
        for vendor in Vendor::ALL {
            self.world.outage(vendor, false);
        }
    }

    /// Copies the data file and what the vendors keep into this folder.
    pub fn keep(&self, folder: &Path) -> Result<()> {
        std::fs::create_dir_all(folder)?;
        for entry in std::fs::read_dir(self.folder.path())? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                std::fs::copy(entry.path(), folder.join(entry.file_name()))?;
            }
        }
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
