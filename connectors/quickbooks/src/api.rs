//! The requests themselves: paths, parameters and what is asked only once per connection.
//!
//! Reads are metered per month, so preferences, payment methods and accounts are kept once read.

use crate::auth::Intuit;
use crate::entity::Entity;
use crate::map::{Company, Method};
use crate::wire::{self, Object};
use crate::{DESCRIPTOR, auth};
use backroom_money::Currency;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use connector_contract::{Clock, ConnectionConfig, ConnectorError, Rest, Safeguard};
use connector_http::{Answer, Base, Call, Client, Exchange, Limits, Route};
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::OnceCell;

/// Lower versions are treated as this one since August 2025; naming it keeps the answers the same.
const MINOR_VERSION: &str = "75";
/// The server works on a request for at most two minutes; a thousand invoices with many lines are large.
const LARGE: Limits = Limits { total: Duration::from_secs(130), body_bytes: 64 * 1024 * 1024 };
/// Longer statements go as a body: some proxies cut long addresses.
const LONGEST_QUERY: usize = 1500;

/// One company's API.
pub(crate) struct Api {
    client: Client,
    base: Base,
    realm: Option<String>,
    /// How long and how large one answer may be.
    pub(crate) limits: Limits,
    company: OnceCell<Company>,
    methods: OnceCell<Vec<Method>>,
    accounts: OnceCell<Vec<wire::Account>>,
    service_items: OnceCell<Vec<wire::ServiceItem>>,
    tax_codes: OnceCell<Vec<wire::TaxCode>>,
    /// The tax code that the owner chose.
    chosen_tax_code: Option<String>,
    clock: Arc<dyn Clock>,
    /// How far QuickBooks' clock is ahead of ours, as its last answer showed.
    ahead: Mutex<Option<TimeDelta>>,
}

/// How a write differs from a plain create or sparse update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Save,
    VoidInvoice,
    VoidPayment,
}

impl Api {
    pub(crate) fn new(exchange: &Arc<dyn Exchange>, config: &ConnectionConfig) -> Self {
        let dialect = Arc::new(Intuit(auth::oauth(exchange, config)));
        Self {
            client: Client::new(Arc::clone(exchange), dialect, config.clock.clone()),
            base: Base::from_config(config, &DESCRIPTOR, "api"),
            realm: config.account_id.clone(),
            limits: LARGE,
            company: OnceCell::new(),
            methods: OnceCell::new(),
            accounts: OnceCell::new(),
            service_items: OnceCell::new(),
            tax_codes: OnceCell::new(),
            clock: Arc::clone(&config.clock),
            ahead: Mutex::new(None),
            chosen_tax_code: config.settings.get("tax_code").filter(|code| !code.is_empty()).cloned(),
        }
    }

    /// How long QuickBooks is left alone.
    pub(crate) fn rest(&self, now: DateTime<Utc>) -> Option<Rest> {
        self.client.rest(now)
    }

    /// Lets the next call through.
    pub(crate) fn end_rest(&self) {
        self.client.end_rest();
    }

    /// The company's id. Without one the connection was never signed in.
    pub(crate) fn realm(&self) -> Result<&str, ConnectorError> {
        let missing = || ConnectorError::Unauthorized("sign in to choose a QuickBooks company".to_owned());
        self.realm.as_deref().filter(|realm| !realm.is_empty()).ok_or_else(missing)
    }

    fn route(&self, rest: &str, arguments: &[&str]) -> Result<Route, ConnectorError> {
        let mut all = vec![self.realm()?];
        all.extend(arguments);
        Ok(self.base.route(&format!("/v3/company/{{realm}}/{rest}"), &all))
    }

    async fn read(&self, call: Call) -> Result<(Object, Answer), ConnectorError> {
        let answer = self.answer(call).await?;
        Ok((answer.json()?, answer))
    }

    async fn answer(&self, call: Call) -> Result<Answer, ConnectorError> {
        let answer = self.client.send(call.query("minorversion", MINOR_VERSION).limits(self.limits)).await?;
        if let Some(time) = answer.server_time() {
            self.note_time(time);
        }
        Ok(answer)
    }

    pub(crate) fn note_time(&self, time: DateTime<Utc>) {
        *self.ahead.lock().unwrap_or_else(PoisonError::into_inner) = Some(time - self.clock.now());
    }

    /// The present moment by QuickBooks' clock: windows are cut by it, never by ours. Asks only before the first answer.
    pub(crate) async fn vendor_now(&self) -> Result<DateTime<Utc>, ConnectorError> {
        let ahead = || *self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        if ahead().is_none()
            && let Some(time) = self.company_info().await?.1
        {
            self.note_time(time);
        }
        let ahead = ahead().filter(|_| !Safeguard::VendorClock.is_broken());
        Ok(self.clock.now() + ahead.unwrap_or_default())
    }

    /// The company's own record, and the server's clock. Each member is read by itself: the record has many, and one that is not
    /// as documented must not keep the whole account out.
    pub(crate) async fn company_info(&self) -> Result<(wire::CompanyInfo, Option<DateTime<Utc>>), ConnectorError> {
        let route = self.route("companyinfo/{id}", &[self.realm()?])?;
        let answer = self.answer(Call::get(route)).await?;
        let document = answer.document()?;
        let info = wire::CompanyInfo::read(document.root())?;
        let stamp = || document.root().get("time")?.value().ok().as_ref().and_then(wire::stamp);
        let time = answer.server_time().or_else(stamp);
        Ok((info, time))
    }

    /// The preferences that matter; read once.
    pub(crate) async fn company(&self) -> Result<&Company, ConnectorError> {
        self.company.get_or_try_init(|| self.load_company()).await
    }

    async fn load_company(&self) -> Result<Company, ConnectorError> {
        let (mut body, _) = self.read(Call::get(self.route("preferences", &[])?)).await?;
        let object = wire::single(&mut body, "Preferences")?;
        let prefs: wire::Preferences = wire::read(Value::Object(object)).map_err(ConnectorError::Protocol)?;
        let home = match prefs.currency.home_currency.as_ref().map(|home| home.value.as_str()) {
            Some(code) if !code.is_empty() => code
                .parse()
                .map_err(|_| ConnectorError::Protocol("the company's currency is not a known one".to_owned()))?,
            _ => home_of(self.company_info().await?.0.country.as_deref().unwrap_or_default()),
        };
        Ok(Company {
            home,
            multi_currency: prefs.currency.multi_currency_enabled.unwrap_or(false),
            own_numbers: prefs.sales.custom_txn_numbers.unwrap_or(false),
            discounts: prefs.sales.allow_discount.unwrap_or(true),
            shipping: prefs.sales.allow_shipping.unwrap_or(true),
            automated_tax: prefs.tax.partner_tax_enabled.is_some(),
            tax_code: self
                .chosen_tax_code
                .clone()
                .or_else(|| prefs.tax.tax_group_code_ref.map(|code| code.value).filter(|code| !code.is_empty())),
        })
    }

    /// Runs a query; returns its rows and the server's clock.
    pub(crate) async fn query(
        &self,
        name: &str,
        statement: &str,
    ) -> Result<(Vec<Value>, Option<DateTime<Utc>>), ConnectorError> {
        let route = self.route("query", &[])?;
        let call = if statement.len() > LONGEST_QUERY {
            Call::post(route).safe().body("application/text", statement.to_owned())
        } else {
            Call::get(route).query("query", statement)
        };
        let (mut body, answer) = self.read(call).await?;
        let time = wire::answer_time(&body).or_else(|| answer.server_time());
        if let Some(time) = time {
            self.note_time(time);
        }
        Ok((wire::rows(&mut body, name)?, time))
    }

    /// Everything of these entities that changed since a moment, and the server's clock. At most 1,000 objects.
    pub(crate) async fn changes(
        &self,
        entities: &[Entity],
        since: DateTime<Utc>,
    ) -> Result<(Vec<(Entity, Vec<Value>)>, Option<DateTime<Utc>>), ConnectorError> {
        let names: Vec<&str> = entities.iter().map(|entity| entity.name()).collect();
        let call =
            Call::get(self.route("cdc", &[])?).query("entities", names.join(",")).query("changedSince", stamp(since));
        let (mut body, answer) = self.read(call).await?;
        let time = wire::answer_time(&body).or_else(|| answer.server_time());
        if let Some(time) = time {
            self.note_time(time);
        }
        Ok((wire::changes(&mut body)?, time))
    }

    /// One object as it is now.
    pub(crate) async fn get(&self, entity: Entity, id: &str) -> Result<Object, ConnectorError> {
        Ok(self.get_to_change(entity, id).await?.0)
    }

    /// The same, and whether it is read just as it was sent.
    pub(crate) async fn get_to_change(&self, entity: Entity, id: &str) -> Result<(Object, bool), ConnectorError> {
        let route = self.route(&format!("{}/{{id}}", entity.path()), &[id])?;
        let (mut body, answer) = self.read(Call::get(route)).await?;
        Ok((wire::single(&mut body, entity.name())?, answer.is_as_sent()))
    }

    /// Sends a write under a request id; returns the object as stored. It is sent once: a lost answer is `Unknown`,
    /// and an answer that can't be read is too, because the write was applied.
    pub(crate) async fn write(
        &self,
        entity: Entity,
        verb: Verb,
        request_id: &str,
        body: &Object,
    ) -> Result<Object, ConnectorError> {
        let mut call = Call::post(self.route(entity.path(), &[])?)
            .query("requestid", request_id)
            .query("minorversion", MINOR_VERSION)
            .limits(self.limits)
            .json(body);
        for (name, value) in verb.parameters() {
            call = call.query(name, value);
        }
        let answer = self.client.send(call).await?;
        let stored = answer.json().and_then(|mut body: Object| wire::single(&mut body, entity.name()));
        stored.map_err(|error| ConnectorError::Unknown(error.to_string()))
    }

    /// All payment methods; read once, and only when a payment needs them.
    pub(crate) async fn methods(&self) -> Result<&[Method], ConnectorError> {
        let load = || async {
            let statement = "SELECT * FROM PaymentMethod WHERE Active IN (true,false) MAXRESULTS 1000";
            let (rows, _) = self.query("PaymentMethod", statement).await?;
            let methods = rows.into_iter().filter_map(|row| wire::read::<wire::PaymentMethod>(row).ok());
            Ok(methods.map(|method| Method { id: method.id, name: method.name }).collect())
        };
        self.methods.get_or_try_init(load).await.map(Vec::as_slice)
    }

    /// The active accounts that settings can name; read once.
    pub(crate) async fn accounts(&self) -> Result<&[wire::Account], ConnectorError> {
        let load = || async {
            let statement = "SELECT * FROM Account WHERE AccountType IN \
                             ('Income','Bank','Other Current Asset','Cost of Goods Sold') MAXRESULTS 1000";
            let (rows, _) = self.query("Account", statement).await?;
            let accounts = rows.into_iter().filter_map(|row| wire::read::<wire::Account>(row).ok());
            Ok(accounts.filter(|account| account.active != Some(false) && !account.id.is_empty()).collect())
        };
        self.accounts.get_or_try_init(load).await.map(Vec::as_slice)
    }

    /// The active items of work, one of which stands in on lines without an item; read once.
    pub(crate) async fn service_items(&self) -> Result<&[wire::ServiceItem], ConnectorError> {
        let load = || async {
            let statement = "SELECT * FROM Item WHERE Type = 'Service' AND Active = true ORDERBY Id MAXRESULTS 1000";
            let (rows, _) = self.query("Item", statement).await?;
            let items = rows.into_iter().filter_map(|row| wire::read::<wire::ServiceItem>(row).ok());
            Ok(items.filter(|item| !item.id.is_empty()).collect())
        };
        self.service_items.get_or_try_init(load).await.map(Vec::as_slice)
    }

    /// The active tax codes an invoice may name; read once. None where QuickBooks chooses the rate itself, and outside the
    /// US, where each line names its own.
    pub(crate) async fn tax_codes(&self) -> Result<&[wire::TaxCode], ConnectorError> {
        let company = self.company().await?;
        if company.automated_tax || !company.is_us() {
            return Ok(&[]);
        }
        let load = || async {
            let (rows, _) = self.query("TaxCode", "SELECT * FROM TaxCode MAXRESULTS 1000").await?;
            let codes = rows.into_iter().filter_map(|row| wire::read::<wire::TaxCode>(row).ok());
            // TAX and NON only mark lines.
            let whole = |code: &wire::TaxCode| !matches!(code.id.as_str(), "" | "TAX" | "NON");
            Ok(codes.filter(|code| code.active != Some(false) && whole(code)).collect())
        };
        self.tax_codes.get_or_try_init(load).await.map(Vec::as_slice)
    }
}

impl Verb {
    /// Payments are voided by an update with a flag, invoices by an operation of their own.
    const fn parameters(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Save => &[],
            Self::VoidInvoice => &[("operation", "void")],
            Self::VoidPayment => &[("operation", "update"), ("include", "void")],
        }
    }
}

/// A moment as queries and captures want it.
pub(crate) fn stamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// A text inside quotes of a query. The backslash goes first; doubling a quote does not work here.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// The home currency by country, for companies whose preferences name none.
fn home_of(country: &str) -> Currency {
    let code = match country.trim().to_ascii_uppercase().as_str() {
        "CA" | "CAN" | "CANADA" => "CAD",
        "GB" | "GBR" | "UK" => "GBP",
        "AU" | "AUS" => "AUD",
        "NZ" | "NZL" => "NZD",
        "IN" | "IND" => "INR",
        "IE" | "IRL" | "FR" | "FRA" | "DE" | "DEU" | "ES" | "ESP" | "IT" | "ITA" | "NL" | "NLD" => "EUR",
        _ => "USD",
    };
    code.parse().unwrap_or(Currency::USD)
}
