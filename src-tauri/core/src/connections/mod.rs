//! Connections: signing in to vendors' accounts, and the choices made for each.
//!
//! Absent on purpose: OAuth itself, which is the connectors', and any secret at rest, which is the keychain's.

mod draft;
mod link;
mod open;
mod sign_in;

pub use draft::REDIRECT_PLACEHOLDER;
pub(crate) use sign_in::Pending;

use crate::ids::ConnectionId;
use serde::{Deserialize, Serialize};

/// A vendor that can be connected.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct VendorView {
    /// Stable name, such as `quickbooks`.
    pub id: String,
    /// The vendor's name.
    pub name: String,
    /// One line on what it brings.
    pub summary: String,
    /// Signs in through the browser rather than with keys.
    pub oauth: bool,
    /// What to type or paste.
    pub fields: Vec<VendorField>,
    /// Base URLs that "Advanced" can replace.
    pub endpoints: Vec<VendorEndpoint>,
    /// The redirect URI to register with the vendor; only for OAuth.
    pub redirect_uri: Option<String>,
}

/// A thing to type when connecting.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct VendorField {
    /// Name.
    pub id: String,
    /// Label.
    pub label: String,
    /// Where to find it.
    pub help: String,
    /// Shown as dots.
    pub secret: bool,
    /// May stay empty.
    pub optional: bool,
    /// Value in Practice, so that connecting takes one click there.
    pub practice_value: Option<String>,
}

/// A base URL.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct VendorEndpoint {
    /// Name.
    pub id: String,
    /// Label.
    pub label: String,
    /// The vendor's own URL.
    pub production_url: String,
}

/// Production or Practice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionEnvironment {
    /// The vendor itself.
    #[default]
    Production,
    /// The local stand-in.
    Practice,
}

/// One named text.
#[derive(Clone, Serialize, Deserialize, specta::Type)]
pub struct NamedText {
    /// Name.
    pub id: String,
    /// Text.
    pub value: String,
}

impl std::fmt::Debug for NamedText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Values may be secrets that the owner just pasted.
        write!(f, "NamedText({})", self.id)
    }
}

/// What the connect dialog sends.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct ConnectDraft {
    /// Which vendor.
    pub vendor: String,
    /// The connection to sign in again; `None` makes a new one.
    pub connection_id: Option<ConnectionId>,
    /// Where.
    pub environment: ConnectionEnvironment,
    /// Keys or client id and secret. Go straight to the keychain.
    pub fields: Vec<NamedText>,
    /// Replaced base URLs; empty values are ignored.
    pub endpoints: Vec<NamedText>,
    /// The redirect URI registered with the vendor, when not the default.
    pub redirect_uri: Option<String>,
}

/// A sign-in that waits for the browser.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct SignInStarted {
    /// The page to open in the system browser.
    pub authorize_url: String,
    /// When waiting ends (RFC 3339, UTC).
    pub expires_at: String,
}

/// How a sign-in ended.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SignInOutcome {
    /// Signed in.
    Connected {
        /// The connection.
        connection: Box<ConnectionView>,
    },
    /// It ended without a connection; nothing was kept.
    Failed {
        /// Stable reason.
        reason: SignInFailure,
        /// What happened and what to do, as sentences.
        message: String,
    },
}

/// Why a sign-in ended without a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum SignInFailure {
    /// The owner said no at the vendor.
    Declined,
    /// No sign-in is waiting for this link: forged, reused or from an earlier attempt.
    UnknownState,
    /// It took too long.
    Expired,
    /// The vendor did not accept the code.
    CodeRefused,
    /// The vendor did not accept the client id or secret.
    ClientRefused,
    /// The vendor could not be reached.
    Unreachable,
    /// The keychain can't be used, so nothing may be kept.
    Keychain,
    /// The link lacks something it must have.
    Malformed,
    /// The owner signed in to another account than the connection belongs to.
    OtherAccount,
    /// The owner stopped waiting.
    Cancelled,
    /// Backroom itself failed on the way.
    Fault,
}

/// A connection.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct ConnectionView {
    /// Id.
    pub id: ConnectionId,
    /// Vendor id.
    pub vendor: String,
    /// Vendor name.
    pub vendor_name: String,
    /// Company or account name.
    pub account_name: String,
    /// The vendor's id of the account.
    pub account_id: String,
    /// Production or Practice.
    pub environment: ConnectionEnvironment,
    /// `live`, `test`, or `None` where the vendor has no modes.
    pub mode: Option<String>,
    /// Where it stands.
    pub state: ConnectionState,
    /// One line on the state.
    pub state_text: String,
    /// The vendor failed many times in a row and is left alone until then (RFC 3339, UTC), unless the owner syncs.
    pub resting_until: Option<String>,
    /// When a run last ended well for it (RFC 3339, UTC).
    pub last_synced_at: Option<String>,
    /// Changes waiting to be sent.
    pub waiting_count: u32,
    /// Problems to look at.
    pub problem_count: u32,
    /// Choices made for it.
    pub settings: Vec<ConnectionSetting>,
    /// Who decides when both sides changed the same field; `None` where nothing is sent, so nothing can clash.
    pub conflict_rule: Option<crate::sync::ConflictRule>,
}

/// Where a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// All is well.
    Ready,
    /// A run works on it.
    Syncing,
    /// It works, but some records need the owner.
    HasProblems,
    /// The vendor can't be reached just now.
    Unreachable,
    /// The owner has to sign in again.
    NeedsSignIn,
}

/// A choice for a connection.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct ConnectionSetting {
    /// Name.
    pub id: String,
    /// Label.
    pub label: String,
    /// What depends on it.
    pub help: String,
    /// Sending can't work without it.
    pub required: bool,
    /// Chosen option; `None` uses the suggestion.
    pub value: Option<String>,
    /// The vendor's options, as last fetched.
    pub options: Vec<ConnectionOption>,
}

/// An option of a choice.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct ConnectionOption {
    /// The vendor's id.
    pub value: String,
    /// The vendor's name.
    pub label: String,
    /// Used when nothing is chosen.
    pub suggested: bool,
}

impl crate::Core {
    /// Vendors that can be connected.
    pub fn list_vendors(&self) -> crate::Result<Vec<VendorView>> {
        Ok(self.parts.vendors.iter().map(|vendor| self.vendor_view(vendor.descriptor)).collect())
    }

    /// All connections.
    pub fn list_connections(&self) -> crate::Result<Vec<ConnectionView>> {
        self.store.read(|db| self.connection_views(db))
    }

    /// Begins a sign-in through the browser; one waits at a time.
    pub async fn start_sign_in(&self, draft: ConnectDraft) -> crate::Result<SignInStarted> {
        self.begin_sign_in(draft).await
    }

    /// Ends it with the link that came back, however it came: by the system, or pasted.
    pub async fn finish_sign_in(&self, link: String) -> crate::Result<SignInOutcome> {
        self.end_sign_in(&link).await
    }

    /// Stops waiting.
    pub fn cancel_sign_in(&self) -> crate::Result<()> {
        *self.sign_in.lock() = None;
        Ok(())
    }

    /// Connects with keys, after checking them with the vendor.
    pub async fn connect_with_keys(&self, draft: ConnectDraft) -> crate::Result<SignInOutcome> {
        self.connect_keys(draft).await
    }

    /// Forgets a connection and its secrets; local records stay.
    pub async fn disconnect(&self, id: ConnectionId) -> crate::Result<()> {
        self.forget_connection(id).await
    }

    /// Fetches the options of a connection's settings.
    pub async fn refresh_connection_choices(&self, id: ConnectionId) -> crate::Result<ConnectionView> {
        self.fetch_choices(id).await
    }

    /// Chooses an option; `None` goes back to the suggestion.
    pub fn save_connection_setting(
        &self,
        id: ConnectionId,
        setting: String,
        value: Option<String>,
    ) -> crate::Result<ConnectionView> {
        self.choose(id, &setting, value)
    }
}
