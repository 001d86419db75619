//! The routers on a loopback port. Own accept loop, because a cut connection must close the socket without an answer.

use crate::World;
use crate::front::{self, Broken, Late};
use axum::Router;
use axum::body::Body;
use http::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

/// Ends a connection without an answer.
#[derive(Debug)]
struct Closed;

impl std::fmt::Display for Closed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the simulator closed the connection as planned")
    }
}

impl std::error::Error for Closed {}

impl World {
    /// All routes, for serving or for calling in process.
    pub fn router(&self) -> Router {
        front::router(self)
    }
}

/// Serves until the future is dropped. The world's base URL is set to the listener's address first.
pub async fn serve(world: &World, listener: TcpListener) -> std::io::Result<()> {
    let address = listener.local_addr()?;
    world.set_options(|o| o.base_url = format!("http://{address}"));
    let router = world.router();
    loop {
        let (socket, _) = listener.accept().await?;
        // Nagle's delay would add 40 ms to every small answer.
        socket.set_nodelay(true)?;
        tokio::spawn(connection(router.clone(), socket));
    }
}

async fn connection(router: Router, socket: TcpStream) {
    let service = tower::service_fn(move |request: Request<hyper::body::Incoming>| {
        answer(router.clone(), request.map(Body::new))
    });
    // A client that hangs up is its own business.
    let _ = Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(socket), TowerToHyperService::new(service))
        .await;
}

async fn answer(router: Router, request: Request<Body>) -> Result<Response<Body>, Closed> {
    let response = match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    match response.extensions().get::<Broken>().copied() {
        Some(Broken::NotSent | Broken::Cut) => return Err(Closed),
        Some(Broken::Hang(time)) => {
            tokio::time::sleep(time).await;
            return Err(Closed);
        }
        None => {}
    }
    if let Some(Late(time)) = response.extensions().get::<Late>().copied() {
        tokio::time::sleep(time).await;
    }
    Ok(response)
}
