//! A door at an address of one's choice: httpmock opens only ports that the system chooses, on 127.0.0.1, so bytes are
//! passed on to it as they come.

use std::net::SocketAddr;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};

/// Passes everything on until the task is dropped.
pub(crate) async fn relay(door: TcpListener, fake: SocketAddr) {
    loop {
        // Trouble with one connection is that of its client.
        let Ok((client, _)) = door.accept().await else { continue };
        tokio::spawn(pass_on(client, fake));
    }
}

async fn pass_on(mut client: TcpStream, fake: SocketAddr) -> std::io::Result<()> {
    let mut server = TcpStream::connect(fake).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}
