//! The end: what was asked before is answered, and then there is nothing left.

use crate::server::{LONG, Server, article, until};
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use web::models::Article;

on_each_database!(
    a_request_that_runs_is_answered_before_the_server_ends,
    the_program_answers_and_ends_when_it_is_told_to,
);

fn until_nobody_listens(address: SocketAddr) {
    until("nobody listens any more", || TcpStream::connect(address).is_err());
}

fn a_request_that_runs_is_answered_before_the_server_ends(db: &TestDatabase) -> orm::Result<()> {
    let mut server = Server::with_one_connection(db, LONG)?;
    let held = server.engine.connect()?;
    let request = |server: &Server| server.post(&article("rust")).status;
    thread::scope(|scope| {
        let request = scope.spawn(|| request(&server));
        until("it waits for a connection", || server.engine.pool_status().waiting == 1);
        server.ask_to_end();
        until_nobody_listens(server.address);
        assert!(!request.is_finished());
        drop(held);
        assert_eq!(request.join().expect("no panic"), 201);
    });
    server.wait();
    assert_eq!(server.engine.pool_status().in_use, 0);
    assert_eq!(server.engine.session().query(Article).count()?, 1);
    Ok(())
}

/// A process that does not outlive its test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.0.kill()); // or it has ended already
        drop(self.0.wait());
    }
}

fn the_program_answers_and_ends_when_it_is_told_to(db: &TestDatabase) -> orm::Result<()> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_web"));
    command.env("DATABASE_URL", db.url()).env("ADDRESS", "127.0.0.1:0").stdout(Stdio::piped());
    let mut program = Program(command.spawn().expect("it can be started"));
    let mut line = String::new();
    let printed = program.0.stdout.take().expect("a pipe");
    BufReader::new(printed).read_line(&mut line).expect("it says where it listens");
    let address = line.trim_end().strip_prefix("http://").expect("a URL");
    let address: SocketAddr = address.strip_suffix("/articles").unwrap().parse().unwrap();

    // a request is under way: the program has asked for its body
    let body = article("rust").to_string();
    let mut client = TcpStream::connect(address).expect("it listens");
    client.set_read_timeout(Some(LONG)).expect("a socket can have one");
    write!(
        client,
        "POST /articles HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nexpect: 100-continue\r\n\r\n",
        body.len()
    )
    .expect("it reads");
    let mut asked = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
    client.read_exact(&mut asked).expect("it asks");
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");

    let told = Command::new("kill").args(["-TERM", &program.0.id().to_string()]).status();
    assert!(told.expect("there is such a command").success());
    until_nobody_listens(address);
    client.write_all(body.as_bytes()).expect("it reads on");
    let mut answer = String::new();
    client.read_to_string(&mut answer).expect("it answers, and closes");
    assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");

    until("it ends", || program.0.try_wait().expect("it is ours").is_some());
    assert!(program.0.wait().expect("it has ended").success());
    let engine = Engine::new(db.url())?;
    assert_eq!(engine.session().query(Article).count()?, 1);
    Ok(())
}
