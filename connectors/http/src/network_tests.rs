//! The real transport against sockets on this machine.

use crate::{Exchange, ExchangeError, Limits, Network};
use bytes::Bytes;
use http::{Request, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Serves one connection with fixed bytes and exchanges one request with it.
async fn against(answer: &'static [u8], limits: Limits) -> Result<Response<Bytes>, ExchangeError> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let _ = socket.read(&mut [0; 4096]).await;
        socket.write_all(answer).await.unwrap();
    });
    let request = Request::get(format!("http://{address}/x")).body(Bytes::new()).unwrap();
    let result = Network::new().unwrap().exchange(request, limits).await;
    server.await.unwrap();
    result
}

#[tokio::test]
async fn an_answer_is_read_whole() {
    let response =
        against(b"HTTP/1.1 418 X\r\nx-a: b\r\ncontent-length: 2\r\n\r\nok", Limits::default()).await.unwrap();
    assert_eq!((response.status().as_u16(), response.body().as_ref()), (418, b"ok".as_ref()));
    assert_eq!(response.headers()["x-a"], "b");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let answer = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(against(answer, Limits::default()).await.unwrap().status(), 302);
}

#[tokio::test]
async fn a_refused_connection_was_certainly_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let request = Request::get(format!("http://{address}/?q=secret")).body(Bytes::new()).unwrap();
    match Network::new().unwrap().exchange(request, Limits::default()).await {
        Err(ExchangeError::NotSent(reason)) => assert!(!reason.contains("secret")),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_connection_cut_before_or_within_the_answer_leaves_doubt() {
    for cut in [b"".as_slice(), b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"] {
        let result = against(cut, Limits::default()).await;
        assert!(matches!(result, Err(ExchangeError::NoAnswer(_))), "{result:?}");
    }
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_with_and_without_its_length() {
    let limits = Limits { body_bytes: 3, ..Limits::default() };
    for answer in [
        b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nlong".as_slice(),
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nlong\r\n0\r\n\r\n",
    ] {
        assert_eq!(against(answer, limits).await.unwrap_err(), ExchangeError::TooLarge);
    }
}

/// What a child of [`nothing_on_this_machine_is_asked_over_a_proxy`] is to ask.
const ASK: &str = "BACKROOM_TEST_ASK";

/// Not a test by itself: makes one request with the proxy settings of its environment.
#[tokio::test]
async fn child_that_asks() {
    let Ok(address) = std::env::var(ASK) else { return };
    let limits = Limits { total: std::time::Duration::from_secs(5), ..Limits::default() };
    let request = Request::get(address).header("authorization", "Bearer secret").body(Bytes::new()).unwrap();
    let answer = Network::new().unwrap().exchange(request, limits).await;
    println!("asked: {}", answer.is_ok_and(|answer| answer.body() == "ok"));
}

/// Runs [`child_that_asks`] with every proxy setting, in both spellings, leading to `proxy`. Tells whether it got its answer.
async fn ask_with_proxy(address: String, proxy: String) -> bool {
    let ask = move || {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child.args(["network_tests::child_that_asks", "--exact", "--nocapture"]).env(ASK, address);
        for name in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
            child.env(name, &proxy);
        }
        for name in ["no_proxy", "NO_PROXY", "REQUEST_METHOD"] {
            child.env_remove(name);
        }
        let output = child.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).contains("asked: true")
    };
    tokio::task::spawn_blocking(ask).await.unwrap()
}

/// A server that answers "ok" to whatever connects, and keeps the first bytes of each connection.
async fn listening(address: &str) -> Option<(std::net::SocketAddr, std::sync::Arc<parking_lot::Mutex<Vec<String>>>)> {
    let listener = TcpListener::bind(address).await.ok()?;
    let (address, heard) = (listener.local_addr().ok()?, std::sync::Arc::<parking_lot::Mutex<Vec<String>>>::default());
    let keep = heard.clone();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut buffer = [0; 4096];
            let read = socket.read(&mut buffer).await.unwrap_or(0);
            keep.lock().push(String::from_utf8_lossy(&buffer[..read]).into_owned());
            let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok").await;
        }
    });
    Some((address, heard))
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_on_this_machine_is_asked_over_a_proxy() {
    let (proxy, at_proxy) = listening("127.0.0.1:0").await.unwrap();
    for (bind, host) in
        [("127.0.0.1:0", "127.0.0.1"), ("127.0.0.1:0", "localhost"), ("127.0.0.1:0", "LOCALHOST"), ("[::1]:0", "[::1]")]
    {
        // A machine without IPv6 can't be asked over it.
        let Some((server, at_server)) = listening(bind).await else { continue };
        let address = format!("http://{host}:{}/x", server.port());
        assert!(ask_with_proxy(address, format!("http://{proxy}")).await, "{host}");
        assert_eq!(at_server.lock().len(), 1, "{host}");
    }
    assert!(at_proxy.lock().is_empty(), "{:?}", at_proxy.lock());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_reaches_a_proxy_only_inside_tls() {
    let (proxy, at_proxy) = listening("127.0.0.1:0").await.unwrap();
    for address in ["http://vendor.invalid/x", "https://vendor.invalid/x"] {
        assert!(!ask_with_proxy(address.to_owned(), format!("http://{proxy}")).await, "{address}");
    }
    let heard = at_proxy.lock().clone();
    assert!(!heard.is_empty() && heard.iter().all(|request| request.starts_with("CONNECT vendor.invalid:443 ")));
    assert!(!heard.iter().any(|request| request.contains("secret")));
}
