//! Tells the client of work that takes long, from a task of its own: a client may take its time to answer.

use std::collections::BTreeMap;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tower_lsp::Client;
use tower_lsp::ls_types::{
    ProgressParams, ProgressParamsValue, WorkDoneProgress, WorkDoneProgressBegin, WorkDoneProgressCreateParams,
    WorkDoneProgressEnd, WorkDoneProgressReport,
};
use tower_lsp::ls_types::{ProgressToken, notification::Progress, request::WorkDoneProgressCreate};

/// How far long work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// So many of so many files.
    Working {
        /// `reading` or `checking`.
        what: &'static str,
        /// How many are done.
        done: usize,
        /// How many there are.
        all: usize,
    },
    /// All of it.
    Done {
        /// What is.
        what: &'static str,
    },
}

/// Starts the task; it ends when nobody can report any more.
pub fn start(client: Client) -> UnboundedSender<Stage> {
    let (sender, mut stages) = unbounded_channel();
    tokio::spawn(async move {
        let mut running: BTreeMap<&'static str, ProgressToken> = BTreeMap::new();
        let mut next = 0;
        while let Some(stage) = stages.recv().await {
            match stage {
                Stage::Working { what, done, all } => {
                    let message = Some(format!("{done} of {all} files"));
                    let percentage = u32::try_from(done * 100 / all.max(1)).ok();
                    if let Some(token) = running.get(what) {
                        let report = WorkDoneProgressReport { cancellable: None, message, percentage };
                        say(&client, token, WorkDoneProgress::Report(report)).await;
                        continue;
                    }
                    next += 1;
                    let token = ProgressToken::String(format!("kalc-{what}-{next}"));
                    let create = WorkDoneProgressCreateParams { token: token.clone() };
                    if client.send_request::<WorkDoneProgressCreate>(create).await.is_err() {
                        continue;
                    }
                    let title = format!("kalc: {what}");
                    let begin = WorkDoneProgressBegin { title, cancellable: Some(false), message, percentage };
                    say(&client, &token, WorkDoneProgress::Begin(begin)).await;
                    running.insert(what, token);
                }
                Stage::Done { what } => {
                    if let Some(token) = running.remove(what) {
                        say(&client, &token, WorkDoneProgress::End(WorkDoneProgressEnd { message: None })).await;
                    }
                }
            }
        }
    });
    sender
}

async fn say(client: &Client, token: &ProgressToken, progress: WorkDoneProgress) {
    let value = ProgressParamsValue::WorkDone(progress);
    client.send_notification::<Progress>(ProgressParams { token: token.clone(), value }).await;
}
