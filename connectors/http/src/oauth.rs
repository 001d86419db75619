//! OAuth 2 authorization code flow and renewal, over [`Exchange`], with tokens in the connection's keychain entries.
//!
//! The rules: a returned refresh token is durable before the new access token is used, whether or not its caller still
//! waits; one renewal at a time per sign-in, in all
//! processes of a data folder (whoever waited re-reads the store); a refused refresh token is remembered and
//! never tried again, unless another program has stored a newer one. URLs, bodies and answers are the `oauth2` crate's. Absent on purpose: `state`, which whoever opens the browser makes and checks.

use crate::exchange::bounded;
use crate::lenient::readable_tokens;
use crate::{Answer, Discovery, Exchange, ExchangeError, Limits, Provider, TokenSet, bearer};
use bytes::Bytes;
use connector_contract::{Clock, ConnectorError, Safeguard, Secret, SecretStore};
use futures::FutureExt;
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use oauth2::basic::{BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse, BasicTokenType};
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RefreshToken, RequestTokenError, Scope, StandardRevocableToken, TokenResponse, TokenUrl,
};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock, Weak};
use std::time::Duration;
use tokio::sync::{OnceCell, watch};
use tracing::Instrument;

/// All fields of a token answer beyond the standard ones. Values, not numbers: with exact numbers switched on,
/// serde cannot read plain integers out of a flattened map.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Fields {
    #[serde(flatten)]
    all: BTreeMap<String, Value>,
}

impl oauth2::ExtraTokenFields for Fields {}

type Tokens = oauth2::StandardTokenResponse<Fields, BasicTokenType>;
type Flow<A, T> = oauth2::Client<
    BasicErrorResponse,
    Tokens,
    oauth2::basic::BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    A,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    T,
>;
type Failure = RequestTokenError<ExchangeError, BasicErrorResponse>;

/// The sign-in of one connection. Clones share everything.
#[derive(Clone)]
pub struct OAuth(Arc<Inner>);

struct Inner {
    exchange: Arc<dyn Exchange>,
    discovery: Discovery,
    found: OnceCell<Provider>,
    scopes: Vec<String>,
    token_headers: HeaderMap,
    secrets: Arc<dyn SecretStore>,
    clock: Arc<dyn Clock>,
    /// The tokens in use, so that the keychain is not asked for every request.
    cached: Mutex<Option<TokenSet>>,
    /// Tokens the vendor gave but the keychain refused; stored before anything else is tried.
    unsaved: Mutex<Option<TokenSet>>,
}

/// One lock per refresh token in the whole process: two connectors of the same connection must not renew at once.
static RENEWALS: LazyLock<Mutex<HashMap<u64, Weak<tokio::sync::Mutex<()>>>>> = LazyLock::new(Mutex::default);

/// How many renewals are under way in the whole process.
static UNDER_WAY: LazyLock<watch::Sender<usize>> = LazyLock::new(watch::Sender::default);

/// A renewal under way, until it is dropped.
struct UnderWay;

impl UnderWay {
    fn begin() -> Self {
        UNDER_WAY.send_modify(|count| *count += 1);
        Self
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        UNDER_WAY.send_modify(|count| *count -= 1);
    }
}

/// Waits until no sign-in is being renewed. To be awaited before a runtime or the process ends: whatever was sent by then
/// may have spent a refresh token, and its successor must be kept first.
pub async fn renewals_done() {
    // An error would mean that the sender is gone; it is never dropped.
    let _ = UNDER_WAY.subscribe().wait_for(|count| *count == 0).await;
}

impl OAuth {
    /// Names of the entries with the owner's own app keys.
    const CLIENT_ID: &'static str = "client_id";
    const CLIENT_SECRET: &'static str = "client_secret";
    /// The PKCE secret between opening the page and the redirect.
    const VERIFIER: &'static str = "pkce_verifier";

    /// A sign-in over these addresses. Nothing is requested yet. `token_headers` go with every token request.
    pub fn new(
        exchange: Arc<dyn Exchange>,
        discovery: Discovery,
        scopes: &[&str],
        token_headers: &[(HeaderName, HeaderValue)],
        secrets: Arc<dyn SecretStore>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self(Arc::new(Inner {
            exchange,
            discovery,
            found: OnceCell::new(),
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
            token_headers: token_headers.iter().cloned().collect(),
            secrets,
            clock,
            cached: Mutex::default(),
            unsaved: Mutex::default(),
        }))
    }

    /// The provider's addresses; read once, then kept.
    pub async fn provider(&self) -> Result<Provider, ConnectorError> {
        if let Some(provider) = self.0.found.get() {
            return Ok(provider.clone());
        }
        let (provider, keep) = self.0.discovery.find(self.0.exchange.as_ref()).await?;
        if keep {
            // A racing reader found the same.
            let _ = self.0.found.set(provider.clone());
        }
        Ok(provider)
    }

    /// The page to open in the browser. The redirect address must be registered with the vendor exactly like this.
    pub async fn authorize_url(&self, redirect_uri: &str, state: &str) -> Result<url::Url, ConnectorError> {
        let provider = self.provider().await?;
        let flow = self.flow(&provider).await?;
        let mut request = flow
            .authorize_url(|| CsrfToken::new(state.to_owned()))
            .add_scopes(self.0.scopes.iter().cloned().map(Scope::new))
            .set_redirect_uri(std::borrow::Cow::Owned(redirect(redirect_uri)?));
        if provider.pkce {
            let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
            self.blocking(move |secrets| Ok(secrets.set(Self::VERIFIER, &Secret::new(verifier.secret().as_str()))?))
                .await?;
            request = request.set_pkce_challenge(challenge);
        }
        Ok(request.url().0)
    }

    /// Exchanges the code of a redirect for tokens and stores them. A lost answer is `Unknown`; the code may be used up,
    /// so the owner signs in again.
    pub async fn exchange_code(&self, redirect_uri: &str, code: &str) -> Result<TokenSet, ConnectorError> {
        let provider = self.provider().await?;
        let flow = self.flow(&provider).await?;
        let mut request = flow
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_redirect_uri(std::borrow::Cow::Owned(redirect(redirect_uri)?));
        let verifier = self.blocking(|secrets| Ok(secrets.get(Self::VERIFIER)?)).await?;
        if let Some(verifier) = verifier.filter(|_| provider.pkce) {
            request = request.set_pkce_verifier(PkceCodeVerifier::new(verifier.expose().to_owned()));
        }
        let _alone_of_all = self.alone().await?;
        let seen = Arc::<Seen>::default();
        let http = self.carrier(&seen);
        let tokens = request.request_async(&http).await.map_err(|failure| match sort(&failure, &seen) {
            Sorted::NoAnswer(reason) => ConnectorError::Unknown(reason),
            Sorted::BadGrant => ConnectorError::Unauthorized("the sign-in was refused or too slow; try again".into()),
            Sorted::Other(error) => error,
        })?;
        let set = self.keep(&tokens, None).await?;
        self.blocking(|secrets| Ok(secrets.delete(Self::VERIFIER)?)).await?;
        Ok(set)
    }

    /// Signs a request, renewing the access token first when it is about to end.
    pub async fn authorize(&self, headers: &mut HeaderMap) -> Result<(), ConnectorError> {
        let current = self.current().await?;
        let set = if current.is_fresh(self.0.clock.now()) { current } else { self.renewed(&current).await? };
        bearer(headers, set.access())
    }

    /// Renews after the vendor refused the token in these headers; a token that was renewed meanwhile is taken as it is.
    pub async fn renew(&self, refused: &HeaderMap) -> Result<(), ConnectorError> {
        let sent = refused.get(http::header::AUTHORIZATION).map(HeaderValue::as_bytes).unwrap_or_default();
        let current = self.current().await?;
        if format!("Bearer {}", current.access()).as_bytes() == sent {
            self.renewed(&current).await?;
        }
        Ok(())
    }

    /// The tokens in use. `Unauthorized` when there are none.
    pub async fn current(&self) -> Result<TokenSet, ConnectorError> {
        let cached = self.0.cached.lock().clone();
        match cached {
            Some(set) if !set.refused => Ok(set),
            _ => self.reload().await,
        }
    }

    /// Tells the vendor to forget the grant, and forgets it here whatever the vendor says.
    pub async fn revoke(&self) -> Result<(), ConnectorError> {
        let set = self.blocking(|secrets| TokenSet::load(secrets)).await;
        let told = match set {
            Ok(Some(set)) => self.tell_revoked(&set).await,
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        *self.0.cached.lock() = None;
        *self.0.unsaved.lock() = None;
        self.blocking(|secrets| Ok(secrets.delete(TokenSet::ENTRY)?)).await?;
        told
    }

    async fn tell_revoked(&self, set: &TokenSet) -> Result<(), ConnectorError> {
        let Some(address) = self.provider().await?.revoke else { return Ok(()) };
        let (id, secret) = self.client_keys().await?;
        let token = set.refresh().unwrap_or_else(|| set.access());
        let body = url::form_urlencoded::Serializer::new(String::new()).append_pair("token", token).finish();
        let basic = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, format!("{id}:{secret}"));
        let request = http::Request::post(address.as_str())
            .header("authorization", format!("Basic {basic}"))
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(body))
            .map_err(|_| ConnectorError::Protocol("the sign-out could not be written".to_owned()))?;
        let response = bounded(self.0.exchange.as_ref(), request, Limits::default())
            .await
            .map_err(|error| ConnectorError::Unavailable(error.to_string()))?;
        match response.status() {
            status if status.is_success() => Ok(()),
            status => Err(ConnectorError::Unavailable(format!("the sign-out answered {}", status.as_u16()))),
        }
    }

    /// Renews, unless somebody else has done so since `stale` was read. Works as a task of its own: once the request has
    /// left, the old refresh token may be spent, so the answer is kept even when the caller has gone away meanwhile.
    async fn renewed(&self, stale: &TokenSet) -> Result<TokenSet, ConnectorError> {
        let (this, stale, under_way) = (self.clone(), stale.clone(), UnderWay::begin());
        let task = async move {
            let _until_kept = under_way;
            this.renew_alone(&stale).await
        };
        let task = tokio::spawn(task.in_current_span());
        task.await.unwrap_or_else(|_| Err(ConnectorError::Unavailable("the sign-in stopped half-way".to_owned())))
    }

    async fn renew_alone(&self, stale: &TokenSet) -> Result<TokenSet, ConnectorError> {
        let mut known = stale.clone();
        loop {
            let lock = renewal_lock(&known);
            let _alone = lock.lock().await;
            let _alone_of_all = self.alone().await?;
            let current = self.reload().await?;
            if current.access() != stale.access() && current.is_fresh(self.0.clock.now()) {
                return Ok(current);
            }
            if current.refresh() != known.refresh() {
                // Whoever else has these is held up by their lock, not by ours.
                known = current;
                continue;
            }
            if let Some(renewed) = self.exchange_refresh(&current).await? {
                return Ok(renewed);
            }
            match self.give_up(&current).await? {
                Some(newer) if newer.is_fresh(self.0.clock.now()) => return Ok(newer),
                Some(newer) => known = newer,
                None => return Err(ended()),
            }
        }
    }

    /// Keeps other processes on the same data folder from renewing meanwhile: the app and the command line share one sign-in.
    async fn alone(&self) -> Result<Option<Box<dyn Send>>, ConnectorError> {
        self.blocking(|secrets| Ok(secrets.alone()?)).await
    }

    /// Sends the refresh token once. `None`: the vendor does not accept it.
    async fn exchange_refresh(&self, current: &TokenSet) -> Result<Option<TokenSet>, ConnectorError> {
        let refresh = RefreshToken::new(current.refresh().ok_or_else(ended)?.to_owned());
        let flow = self.flow(&self.provider().await?).await?;
        // Without scopes the standard means "the same as before".
        let request = flow.exchange_refresh_token(&refresh);
        let seen = Arc::<Seen>::default();
        let http = self.carrier(&seen);
        match request.request_async(&http).await {
            Ok(tokens) => self.keep(&tokens, current.refresh()).await.map(Some),
            Err(failure) => match sort(&failure, &seen) {
                // The next try uses whatever is stored then; if the lost answer rotated the token, that try is refused.
                Sorted::NoAnswer(reason) => Err(ConnectorError::Unavailable(reason)),
                Sorted::Other(error) => Err(error),
                Sorted::BadGrant => Ok(None),
            },
        }
    }

    /// The refresh token was refused. Another program of the same owner may have renewed with it: then what that one stored
    /// is returned, and nothing is written. Otherwise the refusal is remembered.
    async fn give_up(&self, sent: &TokenSet) -> Result<Option<TokenSet>, ConnectorError> {
        let sent = sent.clone();
        let stored = self
            .blocking(move |secrets| match TokenSet::load(secrets)? {
                Some(stored) if stored.refresh() != sent.refresh() => Ok(stored),
                _ => {
                    let refused = sent.into_refused();
                    refused.store(secrets)?;
                    Ok(refused)
                }
            })
            .await?;
        *self.0.cached.lock() = Some(stored.clone());
        Ok(Some(stored).filter(|stored| !stored.refused))
    }

    /// Makes new tokens durable, and only then usable. A vendor that returns no refresh token keeps the old one valid.
    async fn keep(&self, tokens: &Tokens, old_refresh: Option<&str>) -> Result<TokenSet, ConnectorError> {
        let lifetime = tokens.expires_in().unwrap_or(Duration::from_hours(1));
        let set = TokenSet::new(
            tokens.access_token().secret(),
            tokens.refresh_token().map(|token| token.secret().as_str()).or(old_refresh),
            chrono::Duration::from_std(lifetime).unwrap_or(chrono::Duration::MAX),
            &tokens.extra_fields().all,
            self.0.clock.now(),
        );
        *self.0.unsaved.lock() = Some(set);
        self.reload().await
    }

    /// The stored tokens, after storing what an earlier failure of the keychain left unsaved.
    async fn reload(&self) -> Result<TokenSet, ConnectorError> {
        let unsaved = self.0.unsaved.lock().clone();
        if let Some(set) = unsaved {
            self.blocking(move |secrets| set.store(secrets)).await?;
            *self.0.unsaved.lock() = None;
        }
        let stored = self.blocking(|secrets| TokenSet::load(secrets)).await?;
        self.0.cached.lock().clone_from(&stored);
        match stored {
            Some(set) if !set.refused => Ok(set),
            Some(_) => Err(ended()),
            None => Err(ConnectorError::Unauthorized("not signed in yet".to_owned())),
        }
    }

    async fn flow(
        &self,
        provider: &Provider,
    ) -> Result<Flow<oauth2::EndpointSet, oauth2::EndpointSet>, ConnectorError> {
        let (id, secret) = self.client_keys().await?;
        Ok(Flow::new(ClientId::new(id))
            .set_client_secret(ClientSecret::new(secret))
            .set_auth_uri(AuthUrl::from_url(provider.authorize.clone()))
            .set_token_uri(TokenUrl::from_url(provider.token.clone())))
    }

    async fn client_keys(&self) -> Result<(String, String), ConnectorError> {
        let (id, secret) =
            self.blocking(|secrets| Ok((secrets.get(Self::CLIENT_ID)?, secrets.get(Self::CLIENT_SECRET)?))).await?;
        let missing = || ConnectorError::Unauthorized("the client id and secret of the app are missing".to_owned());
        let text = |secret: Option<Secret>| secret.map(|s| s.expose().trim().to_owned()).filter(|s| !s.is_empty());
        Ok((text(id).ok_or_else(missing)?, text(secret).ok_or_else(missing)?))
    }

    /// Runs keychain work where blocking is allowed.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn SecretStore) -> Result<T, ConnectorError> + Send + 'static,
    ) -> Result<T, ConnectorError> {
        let secrets = Arc::clone(&self.0.secrets);
        let done = tokio::task::spawn_blocking(move || work(secrets.as_ref())).await;
        done.unwrap_or_else(|_| Err(ConnectorError::Unavailable("the keychain stopped answering".to_owned())))
    }

    fn carrier(&self, seen: &Arc<Seen>) -> Carrier {
        let (exchange, headers) = (Arc::clone(&self.0.exchange), self.0.token_headers.clone());
        Carrier { exchange, headers, seen: Arc::clone(seen) }
    }
}

/// Carries requests of the `oauth2` crate, noting the answer, which that crate does not tell. Owns what it needs: a closure
/// that borrows makes every future above it unfit for `Send`.
struct Carrier {
    exchange: Arc<dyn Exchange>,
    headers: HeaderMap,
    seen: Arc<Seen>,
}

impl<'c> oauth2::AsyncHttpClient<'c> for Carrier {
    type Error = ExchangeError;
    type Future = BoxFuture<'c, Result<oauth2::HttpResponse, ExchangeError>>;

    fn call(&'c self, request: oauth2::HttpRequest) -> Self::Future {
        async move {
            let mut request = request.map(Bytes::from);
            request.headers_mut().extend(self.headers.clone());
            let response = bounded(self.exchange.as_ref(), request, Limits::default()).await?;
            let (parts, body) = response.into_parts();
            let answer = Answer { status: parts.status, headers: parts.headers.clone(), body: body.clone() };
            *self.seen.0.lock() = Some(answer);
            tracing::info!(status = parts.status.as_u16(), path = "(token)", "answered");
            Ok(readable_tokens(parts, &body))
        }
        .boxed()
    }
}

/// The answer behind a token request.
#[derive(Default)]
struct Seen(Mutex<Option<Answer>>);

enum Sorted {
    BadGrant,
    NoAnswer(String),
    Other(ConnectorError),
}

/// What a failed token request means. No text of the answer is quoted: it may hold a token.
fn sort(failure: &Failure, seen: &Seen) -> Sorted {
    if let RequestTokenError::ServerResponse(answer) = failure {
        match answer.error() {
            BasicErrorResponseType::InvalidGrant => return Sorted::BadGrant,
            BasicErrorResponseType::InvalidClient | BasicErrorResponseType::UnauthorizedClient => {
                let text = "the client id or secret of the app is wrong".to_owned();
                return Sorted::Other(ConnectorError::Unauthorized(text));
            }
            _ => {}
        }
    }
    if let RequestTokenError::Request(error) = failure {
        return match error {
            ExchangeError::NotSent(reason) => Sorted::Other(ConnectorError::Unavailable(reason.clone())),
            ExchangeError::NoAnswer(_) | ExchangeError::TooLarge => Sorted::NoAnswer(error.to_string()),
        };
    }
    let seen = seen.0.lock();
    let Some(answer) = seen.as_ref() else {
        return Sorted::Other(ConnectorError::Protocol("the token request could not be written".to_owned()));
    };
    Sorted::Other(match answer.status {
        StatusCode::TOO_MANY_REQUESTS => {
            ConnectorError::RateLimited { after: answer.retry_after().unwrap_or(Duration::from_mins(1)) }
        }
        StatusCode::UNAUTHORIZED => {
            ConnectorError::Unauthorized("the client id or secret of the app is wrong".to_owned())
        }
        status if status.is_server_error() => {
            return Sorted::NoAnswer(format!("the sign-in server answered {}", status.as_u16()));
        }
        status => ConnectorError::Protocol(format!(
            "the sign-in server refused the request or answered unreadably ({})",
            status.as_u16()
        )),
    })
}

fn ended() -> ConnectorError {
    ConnectorError::Unauthorized("the sign-in has ended; sign in again".to_owned())
}

fn redirect(text: &str) -> Result<RedirectUrl, ConnectorError> {
    RedirectUrl::new(text.to_owned())
        .map_err(|_| ConnectorError::Protocol("the redirect address is not a web address".to_owned()))
}

fn renewal_lock(set: &TokenSet) -> Arc<tokio::sync::Mutex<()>> {
    if Safeguard::RefreshLock.is_broken() {
        return Arc::default();
    }
    let mut hasher = DefaultHasher::new();
    set.refresh().hash(&mut hasher);
    let mut locks = RENEWALS.lock();
    locks.retain(|_, lock| lock.strong_count() > 0);
    let entry = locks.entry(hasher.finish()).or_default();
    entry.upgrade().unwrap_or_else(|| {
        let lock = Arc::default();
        *entry = Arc::downgrade(&lock);
        lock
    })
}
