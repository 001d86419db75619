//! One sync to its end, or to the end of its current step when the system or the owner wants the program gone.

use crate::report::{self, Report};
use backroom_core::sync::{RunState, RunTrigger};
use backroom_core::{Core, Error};
use std::pin::pin;

/// What to say where a sync needs the owner's review.
const HINT: &str = "`backroom-cli sync --yes` goes without that look.";

/// Runs one sync of all connections; ends it early once `asked` is ready. What is being sent then is waited for. With `yes`, the
/// first syncs of new connections and of a restored file go without a look at their preview.
pub async fn sync(core: &Core, yes: bool, asked: impl Future<Output = ()>) -> anyhow::Result<Report> {
    if yes {
        core.waive_first_looks()?;
    }
    let asking = core.sync_plans()?.asking.len();
    let mut running = pin!(core.run_to_end(None, RunTrigger::CommandLine));
    let run = tokio::select! {
        run = &mut running => run,
        () = asked => tokio::join!(core.stop(), running).1,
    };
    let run = run.map_err(|error| match error {
        Error::Refused(text) if asking > 0 => anyhow::anyhow!("{text} {HINT}"),
        error => error.into(),
    })?;
    let well = run.state == RunState::Done && core.sync_status()?.problem_count == 0 && asking == 0;
    let mut report = report::run(&run, well)?;
    if asking > 0 {
        report.add(&format!("Left out: {asking} connections whose next sync needs your review. {HINT}"));
    }
    Ok(report)
}

/// Ready when the program is asked to end: Ctrl+C, and where the system has them, its signals.
pub async fn asked_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let (Ok(mut term), Ok(mut hang_up), Ok(mut interrupt)) =
            (signal(SignalKind::terminate()), signal(SignalKind::hangup()), signal(SignalKind::interrupt()))
        {
            tokio::select! {
                _ = term.recv() => {}
                _ = hang_up.recv() => {}
                _ = interrupt.recv() => {}
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        // A system that can't tell ends the program in its own way.
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use backroom_core::connections::{ConnectDraft, ConnectionEnvironment, NamedText};
    use backroom_core::sync::testing::{Fault, PARCELS, Script};
    use backroom_core::testing::TestCore;
    use std::time::Duration;

    /// Two orders wait to be sent; sending the first takes a while.
    async fn busy() -> (TestCore, Script) {
        let parcels = Script::new(&PARCELS);
        let core = TestCore::with_vendors(vec![parcels.vendor()]);
        let draft = ConnectDraft {
            vendor: "parcels".into(),
            connection_id: None,
            environment: ConnectionEnvironment::Production,
            fields: vec![NamedText { id: "api_key".into(), value: "key".into() }],
            endpoints: Vec::new(),
            redirect_uri: None,
        };
        core.connect_with_keys(draft).await.expect("an outcome");
        let pen = core.item("PEN-1", "2.50");
        core.order(&[(&pen, "1")]);
        core.order(&[(&pen, "2")]);
        parcels.break_pushes([Some(Fault::Late(Duration::from_secs(30)))]);
        (core, parcels)
    }

    #[tokio::test(start_paused = true)]
    async fn a_sync_that_is_asked_to_end_finishes_its_step_and_its_exit_code_says_so() {
        let (core, parcels) = busy().await;
        let report = sync(&core, true, tokio::time::sleep(Duration::from_secs(1))).await.expect("a report");
        assert_eq!((report.code(), report.text().ends_with("Interrupted.")), (3, true), "{}", report.text());
        assert_eq!(parcels.all(connector_contract::RecordKind::Order).len(), 1, "the step under way was waited for");
        assert_eq!(core.list_outbox(None, 10).expect("an outbox").rows.len(), 1, "and no other was begun");
        assert_eq!(core.sync_status().expect("a status").open_run.map(|run| run.id), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_sync_that_nobody_disturbs_ends_well() {
        let (core, parcels) = busy().await;
        let report = sync(&core, true, std::future::pending()).await.expect("a report");
        assert_eq!(report.code(), 0, "{}", report.text());
        assert_eq!(parcels.all(connector_contract::RecordKind::Order).len(), 2);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_systems_wish_to_end_the_program_is_heard() {
        let mut asked = pin!(asked_to_end());
        let listening = tokio::time::timeout(Duration::from_millis(10), &mut asked).await;
        assert!(listening.is_err(), "nobody has asked yet");
        let this = std::process::id().to_string();
        let sent = std::process::Command::new("kill").args(["-TERM", &this]).status().expect("the program kill");
        assert!(sent.success());
        tokio::time::timeout(Duration::from_secs(10), asked).await.expect("the signal arrives");
    }
}
