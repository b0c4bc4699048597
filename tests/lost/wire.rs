//! A server that sends bytes as they are, so that an answer can break off anywhere.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    thread,
};

/// Answers every request with these bytes, and then closes the connection or leaves it open in silence.
pub fn wire(answer: String, closes: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (Ok(mut stream), answer) = (stream, answer.clone()) else { return };
            thread::spawn(move || {
                read_request(&mut stream);
                stream.write_all(answer.as_bytes()).expect("somebody reads");
                if !closes {
                    let _ = stream.read_exact(&mut [0]);
                }
            });
        }
    });
    base
}

/// All of it, for a connection that is closed with something unread is reset.
fn read_request(stream: &mut TcpStream) {
    let (mut request, mut part) = (String::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut part).expect("a request");
        request.push_str(std::str::from_utf8(&part[..read]).expect("ASCII"));
        let Some((head, body)) = request.split_once("\r\n\r\n") else { continue };
        let length =
            head.to_ascii_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            return;
        }
    }
}
