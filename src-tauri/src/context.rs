//! What is fixed when the app is compiled: its configuration, the built UI, and what the window may call.

/// The configuration, the built UI and what the window may call.
pub fn context<R: tauri::Runtime>() -> tauri::Context<R> {
    tauri::generate_context!()
}

#[cfg(test)]
mod tests {
    use super::context;
    use crate::bindings;
    use crate::gate::Gate;
    use backroom_core::Code;
    use serde_json::{Value, json};
    use std::sync::Arc;
    use tauri::ipc::{CallbackFn, InvokeBody};
    use tauri::test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder};
    use tauri::webview::InvokeRequest;
    use tauri::{WebviewUrl, WebviewWindow, WebviewWindowBuilder};

    const OWN_PAGE: &str = "tauri://localhost/index.html";

    fn call(command: &str, page: &str) -> InvokeRequest {
        InvokeRequest {
            cmd: command.into(),
            callback: CallbackFn(0),
            error: CallbackFn(1),
            url: page.parse().expect("an address"),
            body: InvokeBody::Json(json!({})),
            headers: tauri::http::HeaderMap::default(),
            invoke_key: INVOKE_KEY.to_owned(),
        }
    }

    fn window(gate: &Arc<Gate<MockRuntime>>, label: &str) -> (tauri::App<MockRuntime>, WebviewWindow<MockRuntime>) {
        let calls = Arc::clone(gate);
        let app = mock_builder().invoke_handler(move |call| calls.pass(call)).build(context()).expect("the app");
        let window = WebviewWindowBuilder::new(&app, label, WebviewUrl::default()).build().expect("a window");
        (app, window)
    }

    fn closed_gate() -> Arc<Gate<MockRuntime>> {
        let gate = Gate::new(bindings::builder::<MockRuntime>().invoke_handler());
        gate.fail(Code::Refused, "the test has no data file");
        Arc::new(gate)
    }

    /// What the gate itself answers: a call that got this far was let through.
    fn reached(answer: Result<tauri::ipc::InvokeResponseBody, Value>) -> bool {
        answer.is_err_and(|error| error["message"] == "the test has no data file")
    }

    #[test]
    fn the_main_window_may_call_every_command_of_the_app() {
        let (_app, window) = window(&closed_gate(), "main");
        let listed = include_str!("bindings.rs").split("collect_commands![").nth(1).expect("the list");
        let names: Vec<&str> = listed
            .split(']')
            .next()
            .into_iter()
            .flat_map(|list| list.split(','))
            .filter_map(|entry| entry.trim().strip_prefix("commands::")?.split_once("::"))
            .map(|(_, name)| name)
            .collect();
        assert!(names.len() > 50 && names.contains(&"save_invoice"), "{names:?}");
        for name in names {
            assert!(reached(get_ipc_response(&window, call(name, OWN_PAGE))), "{name}");
        }
    }

    #[test]
    fn nothing_else_is_let_through_whatever_it_is_called_or_wherever_it_comes_from() {
        let gate = closed_gate();
        let (_app, main) = window(&gate, "main");
        for name in ["no_such_command", "plugin:opener|open_url", "plugin:notification|notify", "plugin:window|close"] {
            assert!(!reached(get_ipc_response(&main, call(name, OWN_PAGE))), "{name}");
            assert!(get_ipc_response(&main, call(name, OWN_PAGE)).is_err(), "{name}");
        }
        for page in ["https://example.com/", "http://localhost:5173/", "data:text/html,x"] {
            assert!(!reached(get_ipc_response(&main, call("app_status", page))), "{page}");
        }
        let (_app, other) = window(&gate, "other");
        assert!(!reached(get_ipc_response(&other, call("app_status", OWN_PAGE))), "another window has no capability");
    }

    #[test]
    fn the_content_policy_lets_in_nothing_from_elsewhere() {
        let configured = context::<MockRuntime>().config().app.security.csp.clone().expect("a policy").to_string();
        let rules: Vec<&str> = configured.split(';').map(str::trim).collect();
        for rule in [
            "default-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(rules.contains(&rule), "{rule} in {configured}");
        }
        assert!(!configured.contains("script-src"), "scripts are only the app's own: {configured}");
        let allowed = ["'self'", "'none'", "'unsafe-inline'", "data:", "ipc:", "http://ipc.localhost"];
        for rule in rules {
            let sources: Vec<&str> = rule.split_whitespace().collect();
            assert!(sources.iter().skip(1).all(|source| allowed.contains(source)), "{rule}");
            assert!(!sources.contains(&"'unsafe-inline'") || sources[0] == "style-src", "{rule}");
        }
    }

    #[test]
    fn calls_that_come_before_the_data_file_is_open_wait_for_it_in_order() {
        let answered: Arc<parking_lot::Mutex<Vec<String>>> = Arc::default();
        let seen = Arc::clone(&answered);
        let gate = Arc::new(Gate::new(move |call: tauri::ipc::Invoke<MockRuntime>| {
            seen.lock().push(call.message.command().to_owned());
            call.resolver.resolve("open");
            true
        }));
        let (_app, main) = window(&gate, "main");
        let (done, answers) = std::sync::mpsc::channel();
        for name in ["app_status", "choices", "sync_status"] {
            let done = done.clone();
            main.as_ref()
                .clone()
                .on_message(call(name, OWN_PAGE), Box::new(move |_, name, _, _, _| drop(done.send(name))));
        }
        assert!(answers.try_recv().is_err(), "nothing is answered yet");
        gate.open();
        gate.wait();
        assert_eq!(answers.iter().take(3).collect::<Vec<_>>(), ["app_status", "choices", "sync_status"]);
        assert!(get_ipc_response(&main, call("list_runs", OWN_PAGE)).is_ok(), "later ones pass at once");
        assert_eq!(answered.lock().last().map(String::as_str), Some("list_runs"));
    }

    #[test]
    fn calls_that_wait_for_a_file_that_does_not_open_are_told_why() {
        let gate = Arc::new(Gate::new(bindings::builder::<MockRuntime>().invoke_handler()));
        let (_app, main) = window(&gate, "main");
        let (done, answers) = std::sync::mpsc::channel();
        main.as_ref()
            .clone()
            .on_message(call("app_status", OWN_PAGE), Box::new(move |_, _, response, _, _| drop(done.send(response))));
        gate.fail(Code::Storage, "the data file is damaged");
        let tauri::ipc::InvokeResponse::Err(told) = answers.recv().expect("an answer") else {
            panic!("it is no success")
        };
        assert_eq!(told.0["code"], "storage");
        assert_eq!(told.0["message"], "the data file is damaged");
        let later =
            get_ipc_response(&main, call("choices", OWN_PAGE)).expect_err("the same for whatever is asked later");
        assert_eq!(later["message"], "the data file is damaged");
    }
}
