//! How much memory an answer takes: measured in a child, by what the system says it used at most.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test")]

use bytes::Bytes;
use connector_http::{Exchange, Limits, Network};
use http::Request;
use std::io::{Read as _, Write as _};

const SIZE: usize = 64 * 1024 * 1024;
/// Where the child finds the answer.
const ASK: &str = "BACKROOM_TEST_ANSWER";

/// Most memory this process ever used, in bytes.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

/// Not a test by itself: reads the large answer as a connector does, and prints how much that took.
#[tokio::test]
async fn child_that_reads() {
    let Ok(address) = std::env::var(ASK) else { return };
    let before = peak();
    let limits = Limits { total: std::time::Duration::from_mins(2), body_bytes: SIZE + 1024 };
    let request = Request::get(address).body(Bytes::new()).unwrap();
    let response = Network::new().unwrap().exchange(request, limits).await.unwrap();
    let (parts, body) = response.into_parts();
    let answer = connector_http::Answer { status: parts.status, headers: parts.headers, body };
    let document = answer.document().unwrap();
    let rows = document.root().get("rows").unwrap().rows(1_000).unwrap();
    let read = rows.rows.iter().filter(|row| row.value().unwrap().get("id").is_some()).count();
    let tree = answer.json::<serde_json::Value>();
    assert!(matches!(tree, Err(connector_contract::ConnectorError::TooLarge)), "no tree is made of it");
    println!("rows: {read} cut: {} took: {}", rows.cut, peak() - before);
}

#[test]
fn an_answer_of_millions_of_small_rows_takes_at_most_four_times_its_size() {
    for row in [r#"{"id":1},"#, r#"{"id":"c","note":"\ud83c"},"#] {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/x", listener.local_addr().unwrap());
        let mut body = format!("{{\"rows\":[{}", row.repeat(SIZE / row.len() - 4));
        body.push_str("{\"id\":2}]}");
        let server = std::thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            let _ = socket.read(&mut [0; 4096]).unwrap();
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
            socket.write_all(head.as_bytes()).unwrap();
            socket.write_all(body.as_bytes()).unwrap();
        });
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        let output = child.args(["child_that_reads", "--exact", "--nocapture"]).env(ASK, address).output().unwrap();
        server.join().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains("rows: 1000 cut: true"), "{text}{}", String::from_utf8_lossy(&output.stderr));
        let took: usize = text.split("took: ").nth(1).unwrap().lines().next().unwrap().trim().parse().unwrap();
        assert!(took <= 4 * SIZE, "{} MiB", took / 1024 / 1024);
    }
}
