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
