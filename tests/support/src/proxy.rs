//! A proxy before the PostgreSQL server that cuts a connection at a chosen message of its client.
//!
//! For tests of what a lost connection leaves: a test counts through all messages of what it does, and
//! cuts before each, in the midst of it, and after the server has done it but before its answer came.
//! One connection is cut once; those opened later go through.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use postgres::Config;
use postgres::config::Host;

/// Where a connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The server does not get the message.
    Before,
    /// The server gets half of it.
    Within,
    /// The server gets it and does what it says; its answer does not arrive.
    After,
}

/// A proxy before a database; gone when its value is dropped.
pub struct Proxy {
    url: String,
    address: SocketAddr,
    plan: Arc<Mutex<Plan>>,
    stopped: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

/// What is to be cut, and what was.
#[derive(Default)]
struct Plan {
    /// The messages that still pass, and how the next one is cut.
    armed: Option<(usize, Cut)>,
    was_cut: Option<String>,
}

impl Proxy {
    /// A proxy before the database of a URL.
    ///
    /// # Panics
    /// When the URL can't be read or no port can be listened at.
    #[must_use]
    pub fn before(url: &str) -> Proxy {
        let config: Config = url.parse().expect("the URL of a test's database can be read");
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port to listen at");
        let address = listener.local_addr().expect("the port listened at");
        let password = config.get_password().map(String::from_utf8_lossy);
        let password = password.map_or_else(String::new, |password| format!(":{password}"));
        let url = format!(
            "postgresql://{}{password}@{address}/{}?sslmode=disable",
            config.get_user().unwrap_or("postgres"),
            config.get_dbname().unwrap_or("postgres"),
        );
        let (plan, stopped) =
            (Arc::new(Mutex::new(Plan::default())), Arc::new(AtomicBool::new(false)));
        let (shared, stop) = (Arc::clone(&plan), Arc::clone(&stopped));
        let accepting = thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                if let Err(error) = carry(client, &config, &shared) {
                    eprintln!("the proxy reaches no server: {error}");
                }
            }
        });
        Proxy { url, address, plan, stopped, accepting: Some(accepting) }
    }

    /// The URL of the database through the proxy.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Cuts a connection at the message number `passing + 1` that its client sends from now on.
    pub fn cut(&self, passing: usize, cut: Cut) {
        *lock(&self.plan) = Plan { armed: Some((passing, cut)), was_cut: None };
    }

    /// Cuts nothing any more; tells the message that a connection was cut at, by its kind (`Q`, `P`,
    /// `B` …) and its text. `None` where none was.
    #[must_use]
    pub fn disarm(&self) -> Option<String> {
        std::mem::take(&mut *lock(&self.plan)).was_cut
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // what waits for a client gets one, and sees that it is to stop
        drop(TcpStream::connect(self.address));
        if let Some(accepting) = self.accepting.take() {
            drop(accepting.join());
        }
    }
}

fn lock(plan: &Mutex<Plan>) -> std::sync::MutexGuard<'_, Plan> {
    plan.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A connection to either side.
enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Stream {
    fn server(config: &Config) -> io::Result<Stream> {
        let port = config.get_ports().first().copied().unwrap_or(5432);
        match config.get_hosts().first() {
            Some(Host::Unix(folder)) => {
                UnixStream::connect(folder.join(format!(".s.PGSQL.{port}"))).map(Stream::Unix)
            }
            Some(Host::Tcp(host)) => TcpStream::connect((host.as_str(), port)).map(Stream::Tcp),
            None => TcpStream::connect(("localhost", port)).map(Stream::Tcp),
        }
    }

    fn again(&self) -> io::Result<Stream> {
        match self {
            Stream::Tcp(stream) => stream.try_clone().map(Stream::Tcp),
            Stream::Unix(stream) => stream.try_clone().map(Stream::Unix),
        }
    }

    fn close(&self) {
        // closed by the other side already: that is as good
        drop(match self {
            Stream::Tcp(stream) => stream.shutdown(Shutdown::Both),
            Stream::Unix(stream) => stream.shutdown(Shutdown::Both),
        });
    }

    fn read_exact(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        match self {
            Stream::Tcp(stream) => stream.read_exact(bytes),
            Stream::Unix(stream) => stream.read_exact(bytes),
        }
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Stream::Tcp(stream) => stream.write_all(bytes),
            Stream::Unix(stream) => stream.write_all(bytes),
        }
    }

    /// The next message: `typed` ones begin with a letter, all have their length.
    fn message(&mut self, typed: bool) -> io::Result<Vec<u8>> {
        let mut message = vec![0; if typed { 5 } else { 4 }];
        self.read_exact(&mut message)?;
        let head = message.len();
        let length = &message[head - 4..];
        let length = u32::from_be_bytes([length[0], length[1], length[2], length[3]]) as usize;
        message.resize((head + length).saturating_sub(4).max(head), 0);
        self.read_exact(&mut message[head..])?;
        Ok(message)
    }
}

/// Both directions of one connection, each on a thread that ends with it.
fn carry(client: TcpStream, config: &Config, plan: &Arc<Mutex<Plan>>) -> io::Result<()> {
    client.set_nodelay(true)?;
    let (client, server) = (Stream::Tcp(client), Stream::server(config)?);
    let swallowing = Arc::new(AtomicBool::new(false));
    let (to_client, from_server) = (client.again()?, server.again()?);
    let swallowed = Arc::clone(&swallowing);
    thread::spawn(move || answers(from_server, to_client, &swallowed));
    let plan = Arc::clone(plan);
    thread::spawn(move || {
        let (client_end, server_end) = (client.again(), server.again());
        // an error is that one of the two has gone
        drop(questions(client, server, &plan, &swallowing));
        for end in [client_end, server_end].into_iter().flatten() {
            // what is being answered is waited for by the other thread, which closes then
            if !swallowing.load(Ordering::SeqCst) {
                end.close();
            }
        }
    });
    Ok(())
}

/// From the client to the server, until it is cut.
fn questions(
    mut client: Stream,
    mut server: Stream,
    plan: &Mutex<Plan>,
    swallowing: &AtomicBool,
) -> io::Result<()> {
    let startup = client.message(false)?;
    server.send(&startup)?;
    loop {
        let message = client.message(true)?;
        let Some(cut) = step(plan, &message) else {
            server.send(&message)?;
            continue;
        };
        match cut {
            Cut::Before => {}
            Cut::Within => server.send(&message[..message.len() / 2])?,
            Cut::After => {
                // these two are answered; others wait for what follows them
                let answered = matches!(message[0], b'Q' | b'S');
                swallowing.store(answered, Ordering::SeqCst);
                server.send(&message)?;
            }
        }
        return Ok(());
    }
}

/// Whether a message is the one to cut at.
fn step(plan: &Mutex<Plan>, message: &[u8]) -> Option<Cut> {
    let mut plan = lock(plan);
    match &mut plan.armed {
        None => None,
        Some((0, cut)) => {
            let cut = *cut;
            let text: String = message[5..]
                .iter()
                .map(|&byte| if byte.is_ascii_graphic() { char::from(byte) } else { ' ' })
                .collect();
            plan.was_cut = Some(format!("{} {}", char::from(message[0]), text.trim()));
            plan.armed = None;
            Some(cut)
        }
        Some((passing, _)) => {
            *passing -= 1;
            None
        }
    }
}

/// From the server to the client; what answers the message that is cut at is kept back to its end.
fn answers(mut server: Stream, mut client: Stream, swallowing: &AtomicBool) {
    while let Ok(message) = server.message(true) {
        if swallowing.load(Ordering::SeqCst) {
            if message[0] == b'Z' {
                break;
            }
        } else if client.send(&message).is_err() {
            break;
        }
    }
    server.close();
    client.close();
}
