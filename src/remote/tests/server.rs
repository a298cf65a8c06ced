//! A server on loopback that gives the answers a test wrote, faults included, and remembers what it was asked.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// Path and query.
    pub path: String,
    headers: String,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.headers.lines().filter_map(|line| line.split_once(": "));
        fields.find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// First byte and byte after the last, of an object of `n` bytes.
    pub fn range(&self, n: usize) -> Option<(usize, usize)> {
        let (first, last) = self.header("range")?.strip_prefix("bytes=")?.split_once('-')?;
        Some((first.parse().unwrap(), last.parse().map_or(n, |last: usize| last + 1)))
    }
}

pub enum End {
    Close,
    /// Waits for the next request on the same connection.
    Keep,
    /// Closes with the request unread, which resets the connection.
    Reset,
    /// Sends nothing more and does not close.
    Hang,
}

pub struct Answer {
    pub head: String,
    pub body: Vec<u8>,
    /// Bytes of the body that are sent.
    pub sent: usize,
    /// Sends the body one byte at a time, with this pause after each.
    pub drip: Option<Duration>,
    pub end: End,
}

/// An answer that closes its connection. It names its length unless `headers` say something else.
pub fn answer(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut head = format!("HTTP/1.1 {status}\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    if !headers.iter().any(|(name, _)| ["content-length", "transfer-encoding", "connection"].contains(name)) {
        head += &format!("content-length: {}\r\n", body.len());
    }
    Answer { head, body: body.to_vec(), sent: body.len(), drip: None, end: End::Close }
}

impl Answer {
    /// Stops after so many bytes of the body.
    pub fn cut(mut self, sent: usize, end: End) -> Self {
        (self.sent, self.end) = (sent.min(self.body.len()), end);
        self
    }
}

/// Answers as a good server does: the object, or the range of it that was asked for.
pub fn serve(content: &[u8], headers: &[(&str, &str)], request: &Request) -> Answer {
    let Some((first, end)) = request.range(content.len()) else { return answer("200 OK", headers, content) };
    if content.len() <= first {
        return answer("416 Range Not Satisfiable", &[("content-range", &format!("bytes */{}", content.len()))], b"");
    }
    let range = format!("bytes {first}-{}/{}", end - 1, content.len());
    answer("206 Partial Content", &[headers, &[("content-range", &range)]].concat(), &content[first..end])
}

pub struct Server {
    pub port: u16,
    requests: Arc<Mutex<Vec<Request>>>,
    connections: Arc<Mutex<usize>>,
}

impl Server {
    /// `script` is called with each request and the number of those with its method that came before it.
    pub fn start(script: impl Fn(&Request, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (requests, connections) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(0)));
        let (script, seen, counted) = (Arc::new(script), requests.clone(), connections.clone());
        // Both kinds of thread end with the process.
        thread::spawn(move || {
            for connection in listener.incoming() {
                *counted.lock().unwrap() += 1;
                let (script, seen) = (script.clone(), seen.clone());
                thread::spawn(move || talk(connection.unwrap(), &*script, &seen));
            }
        });
        Self { port, requests, connections }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }

    /// Those with the method GET.
    pub fn gets(&self) -> Vec<Request> {
        self.requests().into_iter().filter(|request| request.method == "GET").collect()
    }
}

fn talk(mut connection: TcpStream, script: &(dyn Fn(&Request, usize) -> Answer + Send + Sync), seen: &Mutex<Vec<Request>>) {
    while let Some((request, length)) = peek(&connection) {
        let earlier = {
            let mut seen = seen.lock().unwrap();
            seen.push(request.clone());
            seen.iter().filter(|other| other.method == request.method).count() - 1
        };
        let answer = script(&request, earlier);
        let close = if matches!(answer.end, End::Keep) { "" } else { "connection: close\r\n" };
        let head = format!("{}{close}\r\n", answer.head);
        let body = if request.method == "HEAD" { &[] } else { &answer.body[..answer.sent] };
        if !matches!(answer.end, End::Reset) {
            connection.read_exact(&mut vec![0; length]).unwrap();
        }
        // A client that has enough hangs up, which is no fault of the test.
        let _ = connection.write_all(head.as_bytes());
        match answer.drip {
            None => drop(connection.write_all(body)),
            Some(pause) => body.iter().for_each(|byte| {
                let _ = connection.write_all(&[*byte]);
                thread::sleep(pause);
            }),
        }
        match answer.end {
            End::Keep => {}
            End::Close | End::Reset => return,
            // Until the client hangs up.
            End::Hang => drop(connection.read(&mut [0])),
        }
    }
}

/// The next request, left unread, and its length in bytes.
fn peek(connection: &TcpStream) -> Option<(Request, usize)> {
    let mut buffer = [0; 16 << 10];
    loop {
        let n = connection.peek(&mut buffer).ok().filter(|n| 0 < *n)?;
        let text = String::from_utf8_lossy(&buffer[..n]).into_owned();
        let Some(end) = text.find("\r\n\r\n") else {
            thread::yield_now();
            continue;
        };
        let (line, headers) = text[..end + 2].split_once("\r\n")?;
        let mut words = line.split(' ').map(str::to_owned);
        return Some((Request { method: words.next()?, path: words.next()?, headers: headers.to_owned() }, end + 4));
    }
}
