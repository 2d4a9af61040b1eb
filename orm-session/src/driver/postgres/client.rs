//! A blocking client: `tokio-postgres`, driven for the length of each call.
//!
//! The crate `postgres` is the same but for one thing: it hands out the rows of a result either all
//! together or one by one, waiting once for each. Here rows are lent while the server still sends the
//! next ones, inside one wait: no list of rows is made, and decoding overlaps with the network.

use super::connect::Notices;
use futures_util::TryStreamExt;
use std::future::Future;
use std::ops::ControlFlow;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::types::{BorrowToSql, Type};
use tokio_postgres::{AsyncMessage, Config, Error, Row, RowStream, Socket, Statement};

pub(super) struct Client {
    // dropped first: then the other half says good-bye
    client: tokio_postgres::Client,
    driven: Driven,
}

/// The other half, which moves bytes while it is polled.
struct Driven {
    connection: Pin<Box<dyn Messages>>,
    runtime: Runtime,
    notices: Notices,
    /// Whether the call under way has begun.
    begun: bool,
}

/// Takes the rows of a statement; `Break` passes over the rest of them.
pub(super) type EachRow<'a> = &'a mut dyn FnMut(&Row) -> ControlFlow<()>;

impl Client {
    pub(super) fn connect<T>(config: &Config, tls: T, notices: Notices) -> Result<Client, Begin>
    where
        T: MakeTlsConnect<Socket>,
        T::Stream: Send + 'static,
        T::TlsConnect: TlsConnect<Socket>,
    {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(Begin::Runtime)?;
        let (client, connection) =
            runtime.block_on(config.connect(tls)).map_err(Begin::Connection)?;
        let connection = Box::pin(connection);
        let driven = Driven { connection, runtime, notices, begun: false };
        Ok(Client { client, driven })
    }

    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Whether the last call began, so that a panic in it is not the runtime's refusal.
    pub(super) fn has_begun(&self) -> bool {
        self.driven.begun
    }

    pub(super) fn prepare(&mut self, sql: &str, types: &[Type]) -> Result<Statement, Error> {
        let Client { client, driven } = self;
        driven.wait(client.prepare_typed(sql, types))
    }

    pub(super) fn batch_execute(&mut self, sql: &str) -> Result<(), Error> {
        let Client { client, driven } = self;
        driven.wait(client.batch_execute(sql))
    }

    /// Runs a prepared statement; the number of rows it changed or returned.
    pub(super) fn run<P, I>(
        &mut self,
        statement: &Statement,
        parameters: I,
        each: EachRow<'_>,
    ) -> Result<u64, Error>
    where
        P: BorrowToSql,
        I: IntoIterator<Item = P>,
        I::IntoIter: ExactSizeIterator,
    {
        let Client { client, driven } = self;
        driven.wait(async { rows(client.query_raw(statement, parameters).await?, each).await })
    }

    /// Runs a statement under no name: parsed, bound and executed in one trip.
    pub(super) fn run_once<P, I>(
        &mut self,
        sql: &str,
        parameters: I,
        each: EachRow<'_>,
    ) -> Result<u64, Error>
    where
        P: BorrowToSql,
        I: IntoIterator<Item = (P, Type)>,
    {
        let Client { client, driven } = self;
        driven.wait(async { rows(client.query_typed_raw(sql, parameters).await?, each).await })
    }
}

/// Why no client could be had.
pub(super) enum Begin {
    Connection(Error),
    Runtime(std::io::Error),
}

/// Lends all rows, and tells what the server says of their number.
async fn rows(rows: RowStream, each: EachRow<'_>) -> Result<u64, Error> {
    let mut rows = pin!(rows);
    let mut wanted = true;
    while let Some(row) = rows.try_next().await? {
        if wanted {
            wanted = each(&row).is_continue();
        }
    }
    Ok(rows.rows_affected().unwrap_or(0))
}

impl Driven {
    /// Moves bytes until the call has its answer.
    fn wait<T>(&mut self, call: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let mut call = pin!(call);
        self.until(|context, _| call.as_mut().poll(context))
    }

    /// Moves bytes until `ready` says so; it is told whether the connection has ended.
    fn until<T>(
        &mut self,
        mut ready: impl FnMut(&mut Context<'_>, bool) -> Poll<Result<T, Error>>,
    ) -> Result<T, Error> {
        let Driven { connection, runtime, notices, begun } = self;
        *begun = false;
        runtime.block_on(std::future::poll_fn(|context| {
            *begun = true;
            let ended = loop {
                match connection.as_mut().poll_next_message(context) {
                    Poll::Ready(Some(Ok(AsyncMessage::Notice(notice)))) => notices.hear(&notice),
                    Poll::Ready(Some(Ok(_))) => {}
                    Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(error)),
                    Poll::Ready(None) => break true,
                    Poll::Pending => break false,
                }
            };
            ready(context, ended)
        }))
    }
}

/// Says good-bye to the server.
impl Drop for Driven {
    fn drop(&mut self) {
        let _ = self.until(|_, ended| {
            if ended { Poll::Ready(Ok(())) } else { Poll::Pending }
        });
    }
}

/// A connection, whatever it is encrypted by.
trait Messages: Send {
    fn poll_next_message(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<AsyncMessage, Error>>>;
}

impl<S, T> Messages for tokio_postgres::Connection<S, T>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    T: AsyncRead + AsyncWrite + Unpin + Send,
{
    fn poll_next_message(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<AsyncMessage, Error>>> {
        self.poll_message(context)
    }
}
