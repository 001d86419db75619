//! Signing in: what waits for the browser, what a returning link may do, and how an account becomes a connection.
//!
//! Nothing is kept until the account is known to be the right one: fields and tokens lie in memory until then, and are removed
//! from the keychain again when any of it can't be stored. A link that does not carry the waiting `state` changes nothing.

use super::draft::{Checked, environment_name};
use super::link::{self, Redirect};
use super::{ConnectDraft, SignInFailure, SignInOutcome, SignInStarted};
use crate::Core;
use crate::error::{Error, Result};
use crate::event::{Event, Tag};
use crate::ids::ConnectionId;
use crate::store::connections::{self as rows, ConnectionRow};
use crate::store::history::moment;
use crate::store::problems::{self, NewProblem};
use crate::sync::{ProblemAction, action_name};
use chrono::{DateTime, Duration, Utc};
use connector_contract::{
    Account, BrowserSignIn, ConnectionConfig, ConnectorError, Environment, MemorySecrets, Mode, ScopedSecrets, Secret,
    SecretError, SecretStore, SignIn, Vendor,
};
use std::fmt::Write as _;
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

/// How long a sign-in waits for the browser.
const PATIENCE: Duration = Duration::minutes(10);

/// The page a window shows when a sign-in has ended.
const PAGE: &str = "/settings/connections";

/// A sign-in that waits for its link. In memory only: after a restart the owner begins again.
pub(crate) struct Pending {
    checked: Checked,
    secrets: Arc<MemorySecrets>,
    sign_in: Arc<dyn BrowserSignIn>,
    state: String,
    expires_at: DateTime<Utc>,
}

/// A sign-in that ended without a connection.
pub(crate) type Failure = (SignInFailure, String);

impl Core {
    pub(super) async fn begin_sign_in(&self, draft: ConnectDraft) -> Result<SignInStarted> {
        self.probe_keychain().await?;
        let checked = self.check_draft(draft, SignIn::OAuth).await?;
        let secrets = in_memory(&checked)?;
        let open = checked.vendor.sign_in.clone().ok_or_else(|| Error::Bug("no browser sign-in".into()))?;
        let sign_in = open(self.config_for(&checked, None, secrets.clone()));
        let state = random_state();
        let url = sign_in.authorize_url(&checked.redirect_uri, &state).await?;
        let expires_at = self.now() + PATIENCE;
        *self.sign_in.lock() = Some(Pending { checked, secrets, sign_in, state, expires_at });
        Ok(SignInStarted { authorize_url: url.to_string(), expires_at: moment(expires_at) })
    }

    pub(super) async fn end_sign_in(&self, text: &str) -> Result<SignInOutcome> {
        let outcome = match self.settle_link(text).await? {
            Ok(id) => SignInOutcome::Connected { connection: Box::new(self.connection_view(id)?) },
            Err((reason, message)) => SignInOutcome::Failed { reason, message },
        };
        self.store.tell(&Event::SignIn { outcome: outcome.clone() });
        self.store.tell(&Event::Navigate { path: PAGE.to_owned() });
        Ok(outcome)
    }

    /// Outer errors are ours (a full disk); inner ones are how the sign-in ended.
    async fn settle_link(&self, text: &str) -> Result<Result<ConnectionId, Failure>> {
        let Some(redirect) = link::parse(text) else {
            return Ok(Err(failed(SignInFailure::Malformed, "")));
        };
        let Some(pending) = self.claim(&redirect) else {
            return Ok(Err(failed(SignInFailure::UnknownState, "")));
        };
        let name = pending.checked.vendor.descriptor.name;
        if self.now() > pending.expires_at {
            return Ok(Err(failed(SignInFailure::Expired, name)));
        }
        let Redirect { mut parameters, .. } = redirect;
        parameters.remove("state");
        if let Some(error) = parameters.get("error") {
            return Ok(Err(failed(declined(error), name)));
        }
        let Some(code) = parameters.remove("code").filter(|code| !code.is_empty()) else {
            return Ok(Err(failed(SignInFailure::Malformed, name)));
        };
        match pending.sign_in.exchange(&pending.checked.redirect_uri, &code, &parameters).await {
            Ok(account) => self.establish(&pending.checked, pending.secrets, account, SignInFailure::CodeRefused).await,
            Err(error) => {
                let failure = failed(reason(&error, SignInFailure::CodeRefused), name);
                self.report_fault(&pending.checked, &failure)?;
                Ok(Err(failure))
            }
        }
    }

    /// A fault of ours on the way to a connection that is there already is a problem of it until a sign-in succeeds.
    fn report_fault(&self, checked: &Checked, (reason, message): &Failure) -> Result<()> {
        let Some(id) = checked.connection_id.filter(|_| *reason == SignInFailure::Fault) else { return Ok(()) };
        let Some(row) = self.store.read(|db| rows::get(db, id))? else { return Ok(()) };
        let problem = NewProblem {
            connection_id: id,
            kind: "connection",
            local_id: None,
            remote_id: None,
            outbox_id: None,
            title: &row.account_name,
            code: "sign_in_fault",
            message,
            advice: "Sign in again. If that fails too, quit Backroom and open it again.",
            vendor_text: "",
            action: action_name(ProblemAction::SignIn),
            setting: None,
        };
        let now = self.now();
        self.store.write(|tx| problems::report(tx, &problem, now)).map(drop)
    }

    /// Takes the waiting sign-in if the link carries its state and its vendor; any other link leaves it waiting.
    fn claim(&self, redirect: &Redirect) -> Option<Pending> {
        let mut waiting = self.sign_in.lock();
        let pending = waiting.as_ref()?;
        let state = redirect.parameters.get("state").map(String::as_bytes).unwrap_or_default();
        let same_state = bool::from(pending.state.as_bytes().ct_eq(state));
        let vendor = pending.checked.vendor.descriptor.id;
        let same_vendor = redirect.vendor.as_deref().is_none_or(|named| named == vendor);
        if same_state && same_vendor { waiting.take() } else { None }
    }

    pub(super) async fn connect_keys(&self, draft: ConnectDraft) -> Result<SignInOutcome> {
        let outcome = if self.probe_keychain().await.is_err() {
            Err(failed(SignInFailure::Keychain, ""))
        } else {
            let checked = self.check_draft(draft, SignIn::Keys).await?;
            let secrets = in_memory(&checked)?;
            self.establish(&checked, secrets, None, SignInFailure::ClientRefused).await?
        };
        let outcome = match outcome {
            Ok(id) => SignInOutcome::Connected { connection: Box::new(self.connection_view(id)?) },
            Err((reason, message)) => SignInOutcome::Failed { reason, message },
        };
        self.store.tell(&Event::SignIn { outcome: outcome.clone() });
        Ok(outcome)
    }

    async fn check_draft(&self, draft: ConnectDraft, sign_in: SignIn) -> Result<Checked> {
        let known = match draft.connection_id {
            Some(id) => Some(self.store.read(|db| rows::get(db, id))?.ok_or(Error::NotFound("connection"))?),
            None => None,
        };
        let (parts, secrets) = (self.parts.clone(), Arc::clone(&self.parts.secrets));
        blocking(move || {
            let scoped = known.map(|row| (ScopedSecrets::new(secrets, prefix(row.id)), row));
            let known = scoped.as_ref().map(|(secrets, row)| (row, secrets as &dyn SecretStore));
            super::draft::check(draft, &parts.vendors, parts.practice.as_ref(), known, sign_in)
        })
        .await?
    }

    fn config_for(&self, checked: &Checked, account: Option<String>, secrets: Arc<MemorySecrets>) -> ConnectionConfig {
        self.config(&checked.vendor, checked.environment, account, &checked.endpoints, secrets)
    }

    /// Asks whose account it is, and keeps it: secrets first, then the row. A second sign-in to an account that is connected
    /// already renews that connection.
    async fn establish(
        &self,
        checked: &Checked,
        secrets: Arc<MemorySecrets>,
        account_id: Option<String>,
        refused: SignInFailure,
    ) -> Result<Result<ConnectionId, Failure>> {
        let descriptor = checked.vendor.descriptor;
        let connector = (checked.vendor.open)(self.config_for(checked, account_id.clone(), secrets.clone()));
        let account = match connector.identify().await {
            Ok(account) => account,
            Err(error) => {
                let failure = failed(reason(&error, refused), descriptor.name);
                self.report_fault(checked, &failure)?;
                return Ok(Err(failure));
            }
        };
        let other = |id: &str| account.id != id;
        let environment = environment_name(checked.environment);
        let (again, same) = self.store.read(|db| {
            let again = checked.connection_id.map(|id| rows::get(db, id)).transpose()?.flatten();
            Ok((again, rows::by_account(db, descriptor.id, environment, &account.id)?))
        })?;
        if again.as_ref().is_some_and(|row| other(&row.account_id)) || account_id.as_deref().is_some_and(other) {
            return Ok(Err(failed(SignInFailure::OtherAccount, descriptor.name)));
        }
        let known = again.or(same);
        let row = connection_row(checked, &account, known);
        if let Err(error) = self.keep(&row, checked, &secrets).await {
            return match error {
                Error::Keychain(_) => Ok(Err(failed(SignInFailure::Keychain, descriptor.name))),
                error => Err(error),
            };
        }
        self.forget_opened(row.id);
        self.connected(row.id);
        Ok(Ok(row.id))
    }

    /// Copies the secrets to the keychain and writes the row. If either fails, the keychain is as it was before.
    async fn keep(&self, row: &ConnectionRow, checked: &Checked, secrets: &MemorySecrets) -> Result<()> {
        let mut entries = Vec::new();
        for name in secrets.names() {
            if let Some(secret) = secrets.get(&name)? {
                entries.push((name, secret));
            }
        }
        let scoped = ScopedSecrets::new(Arc::clone(&self.parts.secrets), prefix(row.id));
        let names: Vec<String> = entries.iter().map(|(name, _)| name.clone()).collect();
        let (scoped, before) = blocking(move || replace_all(scoped, &entries)).await??;
        let now = self.now();
        let written = self.store.write(|tx| {
            rows::put(tx, row, now)?;
            rows::set_kinds(tx, row.id, checked.vendor.descriptor.capabilities)?;
            rows::set_note(tx, &names_note(row.id), Some(&serde_json::to_string(&names)?))?;
            problems::clear_connection(tx, row.id)?;
            tx.changed(Tag::Connections);
            Ok(())
        });
        if written.is_err() {
            blocking(move || restore(&scoped, before)).await?;
        }
        written
    }

    /// Whether the keychain can be used at all, found out by writing and removing an entry.
    pub(crate) async fn probe_keychain(&self) -> Result<()> {
        let secrets = Arc::clone(&self.parts.secrets);
        blocking(move || {
            const PROBE: &str = "backroom/probe";
            secrets.set(PROBE, &Secret::new("probe"))?;
            let found = secrets.get(PROBE)?;
            secrets.delete(PROBE)?;
            match found {
                Some(secret) if secret.expose() == "probe" => Ok(()),
                _ => Err(SecretError::Unavailable("what is written is not kept".into()).into()),
            }
        })
        .await?
    }

    pub(super) async fn forget_connection(&self, id: ConnectionId) -> Result<()> {
        let row = self.store.read(|db| rows::get(db, id))?.ok_or(Error::NotFound("connection"))?;
        let vendor = self.vendor(&row.vendor).cloned();
        let scoped: Arc<dyn SecretStore> = Arc::new(ScopedSecrets::new(Arc::clone(&self.parts.secrets), prefix(id)));
        if let Some((vendor, open)) = vendor.as_ref().and_then(|vendor| Some((vendor, vendor.sign_in.as_ref()?))) {
            let environment = super::draft::environment_named(&row.environment);
            let config =
                self.config(vendor, environment, Some(row.account_id.clone()), &row.endpoints, Arc::clone(&scoped));
            // Best effort: the owner wants to be rid of it whether or not the vendor answers.
            if let Err(error) = open(config).revoke().await {
                tracing::warn!(vendor = row.vendor, %error, "the vendor could not be told of the sign-out");
            }
        }
        let note = self.store.read(|db| rows::note(db, &names_note(id)))?;
        let mut names: Vec<String> = note.map(|names| serde_json::from_str(&names)).transpose()?.unwrap_or_default();
        names.extend(vendor.iter().flat_map(|v| v.descriptor.fields).map(|field| field.id.to_owned()));
        blocking(move || names.iter().try_for_each(|name| scoped.delete(name))).await??;
        self.store.write(|tx| {
            rows::delete(tx, id)?;
            rows::set_note(tx, &names_note(id), None)
        })?;
        self.forget_opened(id);
        Ok(())
    }

    /// The first sync of a new connection waits until the owner has seen what it would do. One that was signed in again is
    /// synced at once where an engine runs; elsewhere whoever connected decides when.
    fn connected(&self, id: ConnectionId) {
        let synced = || Ok(self.store.read(|db| rows::get(db, id))?.is_some_and(|row| row.last_synced_at.is_some()));
        let begun = synced().and_then(|synced: bool| match synced {
            false => self.ask_first(id),
            true if self.engine.is_looping() => self.start_run_of_connected(id),
            true => Ok(()),
        });
        if let Err(error) = begun {
            tracing::warn!(%error, "the run after connecting could not be begun");
        }
    }
}

/// Where a connection's secrets lie in the keychain.
pub(super) fn prefix(id: ConnectionId) -> String {
    format!("connection/{id}")
}

/// Name of the note that lists the names of a connection's secrets: a keychain can't be listed, but has to be emptied.
fn names_note(id: ConnectionId) -> String {
    format!("secret_names/{id}")
}

fn in_memory(checked: &Checked) -> Result<Arc<MemorySecrets>> {
    let secrets = Arc::new(MemorySecrets::default());
    for (name, secret) in &checked.fields {
        secrets.set(name, secret)?;
    }
    Ok(secrets)
}

fn random_state() -> String {
    rand::random::<[u8; 32]>().iter().fold(String::new(), |mut text, byte| {
        // Writing to a text can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

type Before = Vec<(String, Option<Secret>)>;

fn replace_all(scoped: ScopedSecrets, entries: &[(String, Secret)]) -> Result<(ScopedSecrets, Before)> {
    let mut before = Before::new();
    for (name, secret) in entries {
        let replaced = scoped.get(name).and_then(|old| {
            before.push((name.clone(), old));
            scoped.set(name, secret)
        });
        if let Err(error) = replaced {
            restore(&scoped, before);
            return Err(error.into());
        }
    }
    Ok((scoped, before))
}

fn restore(scoped: &ScopedSecrets, before: Before) {
    for (name, old) in before {
        let done = match &old {
            Some(secret) => scoped.set(&name, secret),
            None => scoped.delete(&name),
        };
        if let Err(error) = done {
            tracing::warn!(%error, "an entry of the keychain could not be put back");
        }
    }
}

fn connection_row(checked: &Checked, account: &Account, known: Option<ConnectionRow>) -> ConnectionRow {
    let fresh = || ConnectionRow {
        id: ConnectionId::new(),
        vendor: checked.vendor.descriptor.id.to_owned(),
        environment: environment_name(checked.environment).to_owned(),
        account_id: account.id.clone(),
        account_name: String::new(),
        mode: None,
        currency: None,
        state: String::new(),
        state_text: String::new(),
        endpoints: std::collections::BTreeMap::new(),
        settings: std::collections::BTreeMap::new(),
        choices: Vec::new(),
        redirect_uri: None,
        backfilled: false,
        last_synced_at: None,
    };
    ConnectionRow {
        account_name: account.name.clone(),
        mode: account.mode.map(|mode| if mode == Mode::Live { "live" } else { "test" }.to_owned()),
        currency: account.currency.map(|currency| currency.code().to_owned()),
        state: "ready".to_owned(),
        state_text: String::new(),
        endpoints: checked.endpoints.clone(),
        redirect_uri: Some(checked.redirect_uri.clone()).filter(|uri| !uri.is_empty()),
        ..known.unwrap_or_else(fresh)
    }
}

/// What a vendor's `error` parameter means.
fn declined(error: &str) -> SignInFailure {
    match error {
        "access_denied" => SignInFailure::Declined,
        "invalid_client" | "unauthorized_client" => SignInFailure::ClientRefused,
        "temporarily_unavailable" | "server_error" => SignInFailure::Unreachable,
        _ => SignInFailure::CodeRefused,
    }
}

/// What an error on the way to the account means. `refused`: what the vendor was asked to accept.
fn reason(error: &ConnectorError, refused: SignInFailure) -> SignInFailure {
    match error {
        // A wrong app key and a stale code are both "unauthorized"; only the words tell them apart.
        ConnectorError::Unauthorized(text) if text.contains("client id or secret") => SignInFailure::ClientRefused,
        ConnectorError::Rejected(rejection) if rejection.code == "invalid_client" => SignInFailure::ClientRefused,
        ConnectorError::Unavailable(_) | ConnectorError::Unknown(_) | ConnectorError::RateLimited { .. } => {
            SignInFailure::Unreachable
        }
        ConnectorError::Protocol(_) | ConnectorError::TooLarge => SignInFailure::Malformed,
        ConnectorError::Bug(_) => SignInFailure::Fault,
        ConnectorError::Keychain(_) => SignInFailure::Keychain,
        _ => refused,
    }
}

/// A failure with its sentence. `name`: the vendor's, where it is known.
fn failed(reason: SignInFailure, name: &str) -> Failure {
    let vendor = if name.is_empty() { "the vendor" } else { name };
    let message = match reason {
        SignInFailure::Declined => {
            format!("You declined at {vendor}, so nothing was connected. Connect again when you want to.")
        }
        SignInFailure::UnknownState => {
            "No sign-in is waiting for this link. It was used before, or belongs to an earlier try. Start again."
                .to_owned()
        }
        SignInFailure::Expired => "The sign-in took more than ten minutes. Start again; nothing was kept.".to_owned(),
        SignInFailure::CodeRefused => format!("{vendor} did not accept the sign-in. Start again; nothing was kept."),
        SignInFailure::ClientRefused => {
            format!("{vendor} did not accept the keys. Check that they are complete and of the right environment.")
        }
        SignInFailure::Unreachable => format!("{vendor} could not be reached. Check the network and try again."),
        SignInFailure::Keychain => {
            "This computer's keychain can't be used, and secrets are kept nowhere else. Unlock it and try again."
                .to_owned()
        }
        SignInFailure::Malformed => {
            format!("What came back from {vendor} is not complete. Paste the whole address, or start again.")
        }
        SignInFailure::OtherAccount => {
            format!(
                "You signed in to another account at {vendor} than this connection belongs to. Nothing was changed."
            )
        }
        SignInFailure::Cancelled => "The sign-in was cancelled.".to_owned(),
        SignInFailure::Fault => {
            format!(
                "A fault in Backroom itself stopped the sign-in to {vendor}. Start again; the log says where it happened."
            )
        }
    };
    (reason, message)
}

/// Runs keychain work where waiting for the owner to unlock it holds nobody up.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Bug("a background task ended early".into()))
}

/// Part of what a vendor needs to open one of its accounts.
impl Core {
    /// The vendor with this id.
    pub(crate) fn vendor(&self, id: &str) -> Option<&Vendor> {
        self.parts.vendors.iter().find(|vendor| vendor.descriptor.id == id)
    }

    /// What a connector may know. Base URLs of Practice are those of the stand-in that runs now.
    pub(super) fn config(
        &self,
        vendor: &Vendor,
        environment: Environment,
        account_id: Option<String>,
        replaced: &std::collections::BTreeMap<String, String>,
        secrets: Arc<dyn SecretStore>,
    ) -> ConnectionConfig {
        let mut endpoints = match environment {
            Environment::Practice => {
                super::draft::practice_endpoints(self.parts.practice.as_ref(), vendor.descriptor).unwrap_or_default()
            }
            Environment::Production => std::collections::BTreeMap::new(),
        };
        endpoints.extend(replaced.iter().map(|(id, url)| (id.clone(), url.clone())));
        ConnectionConfig {
            environment,
            account_id,
            endpoints,
            settings: std::collections::BTreeMap::new(),
            secrets,
            clock: Arc::clone(&self.parts.clock),
        }
    }
}
