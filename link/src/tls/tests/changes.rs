//! Certificates that change while connections live, and nothing that could outlive a revocation.

use super::*;

/// After a reload new connections show and see the new certificate, on both sides, and the old connection goes on.
#[tokio::test]
async fn reload_swaps_the_certificate() {
    let city = city();
    let county = enrol(&city, "320581");
    let register = Register::of(&[&county]);
    let hub = serve(&city, Arc::clone(&register)).await;
    let (_, clock) = clock();
    let tls = ReloadableTls::new(&county, Some(code("320500")), Register::of(&[]), clock).expect("a configuration");
    let connect = || {
        let connector = Connector::new(Arc::clone(&tls));
        let endpoint = Connector::endpoint(&hub.address.to_string()).expect("an address");
        async move { endpoint.connect_with_connector(connector).await }
    };
    let before = connect().await.expect("connected");
    assert_eq!(ask(before.clone()).await.message(), "320581");

    let renewed = enrol(&city, "320581");
    register.note(&renewed, None);
    register.note(&county, Some(Refused::Revoked));
    let failed = connect().await.expect_err("the old certificate is refused now");
    assert!(matches!(ConnectError::find_in(&failed), Some(ConnectError::Revoked { .. })), "{failed:?}");
    tls.reload(&renewed).expect("reloaded");
    let after = connect().await.expect("connected with the new certificate");
    assert_eq!(ask(after).await.message(), "320581");
    assert_eq!(ask(before).await.message(), "320581");

    // The hub's own certificate changes too; a child that pins nothing but the root does not notice.
    let hub_renewed = city.renew_own_leaf(DAY * 90, NOW).expect("renewed");
    assert_ne!(shown_certificate(&hub).await, hub_renewed.fingerprint());
    hub.tls.reload(&hub_renewed).expect("reloaded");
    assert_eq!(shown_certificate(&hub).await, hub_renewed.fingerprint());
}

/// The fingerprint of the certificate that a parent shows to a newcomer.
async fn shown_certificate(parent: &Parent) -> [u8; 32] {
    let side = client::ClientSide::joining(&parent.root, &code("320500"), &clock().1).expect("a side");
    let socket = TcpStream::connect(parent.address).await.expect("connected");
    let stream = tokio_rustls::TlsConnector::from(side.config).connect(side.name, socket).await.expect("a handshake");
    fingerprint_of(&stream.get_ref().1.peer_certificates().expect("certificates")[0])
}

/// Neither end keeps anything to resume a session from: a ticket would outlive a revocation.
#[test]
fn nothing_is_resumed() {
    let city = city();
    let county = enrol(&city, "320581");
    let server = server_config(&city, Register::of(&[]), &clock().1).expect("a configuration");
    assert_eq!(server.send_tls13_tickets, 0);
    assert!(!server.session_storage.can_cache());
    assert_eq!(server.max_early_data_size, 0);
    let client = client_config(&county, &code("320500"), &clock().1).expect("a configuration");
    assert!(format!("{:?}", client.resumption).contains("NoClientSessionStorage"), "{:?}", client.resumption);
}
