//! What every case begins with: a server that runs, and a client that speaks with it.

use axum::serve;
use orm::prelude::*;
use orm_test_support::TestDatabase;
use serde_json::{Value, json};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use ureq::http::{Method, Request};
use web::models::{Article, Author, Tag};

/// How long anything is waited for that has to happen.
pub const LONG: Duration = Duration::from_secs(60);

/// A server that runs; told to end, and waited for, when it is dropped.
pub struct Server {
    pub engine: Engine,
    pub address: SocketAddr,
    client: ureq::Agent,
    end: Sender<()>,
    running: Option<JoinHandle<()>>,
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub location: Option<String>,
    pub body: Value,
}

impl Server {
    pub fn on(db: &TestDatabase) -> Server {
        Server::with(web::engine(db.url()).expect("the tables can be made"))
    }

    /// All requests share one connection, and wait for it so long.
    pub fn with_one_connection(db: &TestDatabase, timeout: Duration) -> orm::Result<Server> {
        let builder = Engine::builder(db.url()).models((Author, Article, Tag));
        web::engine(db.url())?.close(); // the tables are there
        Ok(Server::with(builder.pool_size(1).pool_timeout(timeout).build()?))
    }

    pub fn with(engine: Engine) -> Server {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
        listener.set_nonblocking(true).expect("a socket can be so");
        let address = listener.local_addr().expect("it is bound");
        let (end, ended) = channel::<()>();
        let router = web::router(engine.clone());
        let running = thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().expect("threads can be had");
            let asked_to_end = runtime.spawn_blocking(move || ended.recv().is_ok());
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).expect("it listens");
                let server = serve(listener, router);
                let server = server.with_graceful_shutdown(async { drop(asked_to_end.await) });
                server.await.expect("it ends without an error");
            });
        });
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(LONG));
        let client = config.build().new_agent();
        Server { engine, address, client, end, running: Some(running) }
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask(&Method::GET, path, None)
    }

    pub fn post(&self, body: &Value) -> Answer {
        self.ask(&Method::POST, "/articles", Some(body.to_string()))
    }

    pub fn patch(&self, path: &str, body: &Value) -> Answer {
        self.ask(&Method::PATCH, path, Some(body.to_string()))
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.ask(&Method::DELETE, path, None)
    }

    /// Sends a request, with a body that says it is JSON.
    pub fn ask(&self, method: &Method, path: &str, body: Option<String>) -> Answer {
        let url = format!("http://{}{path}", self.address);
        let request = Request::builder().method(method).uri(url);
        let answered = match body {
            None => self.client.run(request.body(()).expect("a request")),
            Some(body) => {
                let request = request.header("content-type", "application/json");
                self.client.run(request.body(body).expect("a request"))
            }
        };
        let mut answered = answered.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let location = answered.headers().get("location");
        let location = location.map(|place| place.to_str().expect("a path").to_owned());
        let text = answered.body_mut().read_to_string().expect("the whole body");
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer { status: answered.status().as_u16(), location, body }
    }

    /// Asks it to end. It answers what it was asked, and then ends.
    pub fn ask_to_end(&self) {
        let _ = self.end.send(()); // or it has ended already
    }

    /// Waits until it has ended.
    pub fn wait(&mut self) {
        if let Some(running) = self.running.take() {
            running.join().expect("it ended without a panic");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ask_to_end();
        if !thread::panicking() {
            self.wait();
        }
    }
}

/// An article of this slug, with an author of its own and a tag.
pub fn article(slug: &str) -> Value {
    json!({
        "slug": slug,
        "title": format!("About {slug}"),
        "author": {"name": "Ezz", "email": format!("{slug}@example.com")},
        "tags": ["rust"],
    })
}

/// Waits for what has to come.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < LONG, "waited in vain until {what}");
        thread::yield_now();
    }
}
