//! The scripted account as core drives it: the connector and its sign-in in the browser.

use super::{EVERYTHING, Fault, Script};
use connector_contract::{
    Account, BrowserSignIn, Choice, ConnectionConfig, Connector, ConnectorError, Cursor, InventoryPage,
    InventoryRequest, Operation, Page, PullRequest, Pulled, Push, Pushed, RecordKind, RemoteId, Rest, Secret, Stream,
};
use std::collections::BTreeMap;

#[async_trait::async_trait]
impl Connector for Script {
    async fn identify(&self) -> Result<Account, ConnectorError> {
        self.trip("identify");
        self.hear().await;
        let mut state = self.state.lock();
        if let Some(fault) = state.identify_faults.pop_front() {
            return Err(fault);
        }
        Ok(Account {
            id: state.account.clone(),
            name: format!("{} {}", self.descriptor.name, state.account),
            mode: None,
            currency: Some(backroom_money::Currency::USD),
            server_time: state.server_time,
        })
    }

    fn streams(&self) -> &'static [Stream] {
        const STREAMS: &[Stream] = &[EVERYTHING];
        self.trip("streams");
        STREAMS
    }

    fn rest(&self) -> Option<Rest> {
        self.state.lock().rest
    }

    fn end_rest(&self) {
        self.state.lock().rest = None;
    }

    async fn pull(&self, request: PullRequest) -> Result<Page, ConnectorError> {
        self.trip("pull");
        self.hear().await;
        let mut state = self.state.lock();
        if let Some(fault) = state.pull_faults.pop_front() {
            return Err(fault);
        }
        let cursor: u64 = request.cursor.and_then(|cursor| cursor.0.parse().ok()).unwrap_or(0);
        let after = cursor.saturating_sub(state.rewind);
        let mut found: Vec<(u64, Pulled)> = Vec::new();
        for ((_, id), remote) in state.remotes.iter().filter(|(_, remote)| remote.sequence > after) {
            found.push((remote.sequence, state.shown(id, remote)));
        }
        found.extend(state.raw.iter().filter(|(sequence, _)| *sequence > after).cloned());
        found.sort_by_key(|(sequence, _)| *sequence);
        let more = found.len() > state.page_size;
        found.truncate(state.page_size);
        let next = found.last().map_or(cursor, |(sequence, _)| cursor.max(*sequence));
        let records = found.into_iter().map(|(_, pulled)| pulled).collect();
        Ok(Page { records, next: Cursor(next.to_string()), more })
    }

    fn keeps(&self, _kind: RecordKind, field: &str) -> bool {
        !self.state.lock().unkept.contains(&field)
    }

    async fn push(&self, push: Push) -> Result<Pushed, ConnectorError> {
        self.trip("push");
        let operation = match &push.operation {
            Operation::Create(_) => "create",
            Operation::Update { .. } => "update",
            Operation::Retire { .. } => "retire",
        };
        let fault = {
            let mut state = self.state.lock();
            state.pushes.push((push.key.0.clone(), push.attempt, operation.to_owned()));
            state.push_faults.pop_front().flatten()
        };
        tokio::task::yield_now().await;
        match fault {
            None => {
                let pushed = self.apply(&push);
                self.trip("pushed");
                tokio::task::yield_now().await;
                pushed
            }
            Some(Fault::Before(error)) => Err(error),
            Some(Fault::After(error)) => self.apply(&push).and(Err(error)),
            Some(Fault::HangAfter) => {
                self.apply(&push)?;
                std::future::pending().await
            }
            Some(Fault::HangBefore) => std::future::pending().await,
            Some(Fault::Late(wait)) => {
                tokio::time::sleep(wait).await;
                self.apply(&push)
            }
        }
    }

    async fn choices(&self) -> Result<Vec<Choice>, ConnectorError> {
        self.trip("choices");
        Ok(self.state.lock().choices.clone())
    }

    fn inventory_kinds(&self) -> &'static [RecordKind] {
        const BOTH: &[RecordKind] = &[RecordKind::Customer, RecordKind::Item, RecordKind::Invoice, RecordKind::Payment];
        const PARCEL: &[RecordKind] = &[RecordKind::Order];
        if self.descriptor.sends(RecordKind::Invoice) { BOTH } else { PARCEL }
    }

    /// Two records a page, so that every audit turns pages.
    async fn inventory(&self, request: InventoryRequest) -> Result<InventoryPage, ConnectorError> {
        self.trip("inventory");
        self.hear().await;
        let mut state = self.state.lock();
        if let Some(fault) = state.inventory_faults.pop_front() {
            return Err(fault);
        }
        let after = request.cursor.map(|cursor| RemoteId(cursor.0));
        let there = state.remotes.iter().filter(|((kind, _), remote)| *kind == request.kind && remote.record.is_some());
        let rest = there.filter(|((_, id), _)| after.as_ref().is_none_or(|after| id > after));
        let page: Vec<Pulled> = rest.take(2).map(|((_, id), remote)| state.shown(id, remote)).collect();
        let next = page.last().filter(|_| page.len() == 2).map(|last| Cursor(last.remote_id.0.clone()));
        Ok(InventoryPage { records: page, next })
    }

    async fn fetch(&self, kind: RecordKind, id: &RemoteId) -> Result<Pulled, ConnectorError> {
        self.trip("fetch");
        self.hear().await;
        let state = self.state.lock();
        Ok(state.shown(id, &state.current(kind, id)?))
    }
}

/// The sign-in in the browser.
pub(super) struct Browser {
    pub(super) script: Script,
    pub(super) config: ConnectionConfig,
}

#[async_trait::async_trait]
impl BrowserSignIn for Browser {
    async fn authorize_url(&self, redirect_uri: &str, state: &str) -> Result<url::Url, ConnectorError> {
        self.script.trip("authorize_url");
        let pairs = [("redirect_uri", redirect_uri), ("state", state)];
        url::Url::parse_with_params("https://books.example.com/authorize", pairs)
            .map_err(|error| ConnectorError::Protocol(error.to_string()))
    }

    async fn exchange(
        &self,
        _redirect_uri: &str,
        code: &str,
        parameters: &BTreeMap<String, String>,
    ) -> Result<Option<String>, ConnectorError> {
        self.script.trip("exchange");
        let fault = self.script.state.lock().exchange_faults.pop_front();
        if let Some(fault) = fault {
            return Err(fault);
        }
        let Some(account) = parameters.get("realmId") else {
            return Err(ConnectorError::Protocol("the redirect names no company".into()));
        };
        self.config.secrets.set("tokens", &Secret::new(format!("token for {code}")))?;
        Ok(Some(account.clone()))
    }

    async fn revoke(&self) -> Result<(), ConnectorError> {
        self.script.trip("revoke");
        self.script.state.lock().revoked += 1;
        Ok(())
    }
}
