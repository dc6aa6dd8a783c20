//! Shows how a program drains, stops and fails. Time is tokio's paused clock, so nothing waits for real.

use tokio::sync::oneshot;

use super::*;

/// Shows that the first signal lets a task finish what it holds before the program ends well.
#[tokio::test]
async fn the_first_signal_drains() {
    let mut lifecycle = Lifecycle::unsignalled();
    let token = lifecycle.token();
    let (saved, was_saved) = oneshot::channel();
    let told = token.clone();
    lifecycle.spawn("writer", async move {
        told.cancelled().await;
        // Work that goes on after the signal.
        tokio::task::yield_now().await;
        saved.send(()).map_err(|()| io::Error::other("nobody listens"))
    });
    let running = tokio::spawn(lifecycle.run());
    assert!(drains(&token), "the first signal asks to drain");
    assert!(running.await.expect("no panic").is_ok());
    assert_eq!(was_saved.await, Ok(()), "the task had finished its work");
}

/// Shows that a signal during draining is told from the first one, which is what stops the process at once.
#[tokio::test]
async fn the_second_signal_is_told_from_the_first() {
    let token = CancellationToken::new();
    assert!(drains(&token));
    assert!(token.is_cancelled());
    assert!(!drains(&token));
}

/// Shows that a failed task stops the others, lets them drain, and is the result.
#[tokio::test]
async fn a_failed_task_ends_the_program() {
    let mut lifecycle = Lifecycle::unsignalled();
    let token = lifecycle.token();
    let (drained, was_drained) = oneshot::channel();
    lifecycle.spawn("server", async move {
        token.cancelled().await;
        drained.send(()).map_err(|()| io::Error::other("nobody listens"))
    });
    lifecycle.spawn("uplink", async { Err(io::Error::other("no database")) });
    let error = lifecycle.run().await.expect_err("a task failed");
    assert!(matches!(&error, LifecycleError::Failed { name, .. } if name == "uplink"), "{error}");
    assert_eq!(was_drained.await, Ok(()));
    assert!(error.say(Lang::Zh).contains("no database"), "{}", error.say(Lang::Zh));
}

/// Shows that a panic in a task is a failure of the program, with the task's name and the panic's words.
#[tokio::test]
async fn a_crashed_task_ends_the_program() {
    let mut lifecycle = Lifecycle::unsignalled();
    let token = lifecycle.token();
    lifecycle.spawn("server", async move {
        token.cancelled().await;
        Ok::<(), io::Error>(())
    });
    lifecycle.spawn("reconciler", async {
        let numbers: Vec<u8> = Vec::new();
        numbers.first().expect("there is something");
        Ok::<(), io::Error>(())
    });
    let error = lifecycle.run().await.expect_err("a task crashed");
    assert_eq!(error.to_string(), "the task reconciler crashed: there is something");
}

/// Shows that a task that ends well stops nobody, and that the program ends when its last task has.
#[tokio::test]
async fn a_finished_task_stops_nobody() {
    let mut lifecycle = Lifecycle::unsignalled();
    let token = lifecycle.token();
    let (first, first_done) = oneshot::channel();
    lifecycle.spawn("import", async move { first.send(()).map_err(|()| io::Error::other("nobody listens")) });
    let seen = token.clone();
    lifecycle.spawn("server", async move {
        first_done.await?;
        if seen.is_cancelled() { Err::<(), TaskError>("stopped by a finished task".into()) } else { Ok(()) }
    });
    assert!(lifecycle.run().await.is_ok());
    assert!(!token.is_cancelled());
}

/// Shows that a task that ignores the token is cut off after the limit and named, not waited for forever.
#[tokio::test(start_paused = true)]
async fn a_stuck_task_is_cut_off_and_named() {
    let mut lifecycle = Lifecycle::unsignalled();
    lifecycle.spawn("stubborn", std::future::pending::<Result<(), io::Error>>());
    lifecycle.token().cancel();
    let begin = tokio::time::Instant::now();
    let error = lifecycle.run().await.expect_err("stuck");
    assert!(matches!(&error, LifecycleError::Stuck { names } if names == &["stubborn"]), "{error}");
    assert_eq!(begin.elapsed().as_secs(), DRAIN_LIMIT.as_secs());
}
