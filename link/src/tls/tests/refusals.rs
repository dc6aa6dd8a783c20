//! Who does not get in, and what each refusal tells the one that is refused.

use super::*;

/// A certificate of another federation is refused by either end, whoever looks first.
#[tokio::test]
async fn another_root_is_refused_by_both_ends() {
    let (ours, theirs) = (city(), city());
    let county = enrol(&theirs, "320581");
    let hub = serve(&ours, Register::of(&[&county])).await;
    assert_eq!(visit(&county, "320500", &hub).await, refused("WrongRoot"));
    // A child that trusts our root but shows their certificate is turned away by the hub.
    let (_, clock) = clock();
    let mut side = client::ClientSide::joining(&ours.root_fingerprint(), &code("320500"), &clock).expect("a side");
    let theirs = client_config(&county, &code("320500"), &clock).expect("a configuration");
    Arc::make_mut(&mut side.config).client_auth_cert_resolver = Arc::clone(&theirs.client_auth_cert_resolver);
    let connector = Connector { source: connector::Source::Joining(Arc::new(side)), transport: Arc::new(super::Tcp) };
    assert_eq!(greeting(connector, &hub.address.to_string()).await, refused("Unknown"));
}

/// The other end must be the parent's region, whatever address leads there.
#[tokio::test]
async fn another_region_is_not_the_parent() {
    let city = city();
    let (county, other) = (enrol(&city, "320581"), enrol(&city, "320582"));
    let town = enrol(&county, "320581101");
    let wrong = serve(&other, Register::of(&[&town])).await;
    assert_eq!(visit(&town, "320581", &wrong).await, refused("WrongRegion"));
    assert_eq!(visit(&county, "320500", &wrong).await, refused("WrongRegion"));
    // A certificate that names the parent and someone else beside it is not the parent's either.
    let ambiguous = forged_with_names(&county, &["320581", "320581102"]);
    let wrong = serve(&ambiguous, Register::of(&[&town])).await;
    assert_eq!(visit(&town, "320581", &wrong).await, refused("WrongRegion"));
}

/// A revoked certificate and one that is not in the register are refused, each with its own reason; a revocation bites
/// on the next connection.
#[tokio::test]
async fn revoked_and_unknown() {
    let city = city();
    let (county, stranger) = (enrol(&city, "320581"), enrol(&city, "320582"));
    let register = Register::of(&[&county]);
    let hub = serve(&city, Arc::clone(&register)).await;
    assert_eq!(visit(&county, "320500", &hub).await, Ok("320581".into()));
    register.note(&county, Some(Refused::Revoked));
    assert_eq!(visit(&county, "320500", &hub).await, refused("Revoked"));
    assert_eq!(visit(&stranger, "320500", &hub).await, refused("Unknown"));
}

/// An expired certificate is told from a clock that is off, at either end.
#[tokio::test]
async fn expired_or_a_clock_is_off() {
    let city = city();
    let county = enrol_for(&city, "320581", DAY * 10, NOW);
    let hub = serve(&city, Register::of(&[&county])).await;
    let address = hub.address.to_string();
    // Both clocks say that ten days have passed.
    hub.millis.store(days(NOW, 11).0, Ordering::SeqCst);
    assert_eq!(visit(&county, "320500", &hub).await, refused("Expired"));
    // Only the hub's clock says so.
    assert_eq!(visit_with(&county, "320500", &address, clock().1).await, refused("ClockOff"));
    // By the child's clock the hub's certificate has not begun, or has run out (90 days).
    hub.millis.store(NOW.0, Ordering::SeqCst);
    let (millis, slow) = clock();
    millis.store(days(NOW, -2).0, Ordering::SeqCst);
    assert_eq!(visit_with(&county, "320500", &address, slow).await, refused("ClockOff"));
    let (millis, fast) = clock();
    millis.store(days(NOW, 91).0, Ordering::SeqCst);
    assert_eq!(visit_with(&county, "320500", &address, fast).await, refused("PeerExpired"));
}

/// A township certificate that a county forges for another county's township is refused by that other county, even if
/// its register were to know it.
#[tokio::test]
async fn a_forged_township_is_refused() {
    let city = city();
    let (county, other) = (enrol(&city, "320581"), enrol(&city, "320582"));
    let town = enrol(&county, "320581101");
    let forged = forged_identity(&county, "320582101");
    let node = serve(&other, Register::of(&[&forged])).await;
    assert_eq!(visit(&forged, "320582", &node).await, refused("Unknown"));
    // An honest township of another county has a good chain, and is simply not in the register.
    assert_eq!(visit(&town, "320582", &node).await, refused("Unknown"));
}

/// Whoever says nothing, speaks another protocol or hangs up holds up nobody and ends nothing.
#[tokio::test]
async fn bad_company_does_no_harm() {
    let city = city();
    let county = enrol(&city, "320581");
    let hub = serve(&city, Register::of(&[&county])).await;
    let _silent = TcpStream::connect(hub.address).await.expect("connected");
    drop(TcpStream::connect(hub.address).await.expect("connected"));
    let mut browser = TcpStream::connect(hub.address).await.expect("connected");
    browser.write_all(b"GET / HTTP/1.1\r\n\r\n").await.expect("written");
    browser.shutdown().await.expect("said all");
    let mut answer = Vec::new();
    // Ending the connection either way is fine, keeping it open is not.
    let _ = browser.read_to_end(&mut answer).await;
    assert_eq!(visit(&county, "320500", &hub).await, Ok("320581".into()));
}

/// A stranger at the parent's address, a closed port and a missing parent are told apart.
#[tokio::test]
async fn what_is_no_parent() {
    let county = enrol(&city(), "320581");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address").to_string();
    let web = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.expect("a visitor");
        socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.expect("written");
        let mut rest = Vec::new();
        let _ = socket.read_to_end(&mut rest).await;
    });
    assert_eq!(visit_with(&county, "320500", &address, clock().1).await, refused("NotTongpin"));
    web.await.expect("the listener is gone now");
    assert_eq!(visit_with(&county, "320500", &address, clock().1).await, refused("Unreachable"));
    let alone = ReloadableTls::new(&county, None, Register::of(&[]), clock().1).expect("a configuration");
    assert_eq!(greeting(Connector::new(alone), &address).await, refused("NoParent"));
    assert!(matches!(Connector::endpoint("no address"), Err(ConnectError::BadAddress { .. })));
}
