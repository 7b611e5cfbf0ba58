//! The protocol: handlers only forward to the [`world`], or wait for a snapshot and ask [`ide`](crate::ide).
//!
//! Handlers run side by side and are first polled in the order of the messages, so what changes documents is sent on
//! before anything is awaited.

pub mod commands;
pub mod convert;
pub mod settings;
mod worker;
mod world;

use crate::analysis::Disk;
use crate::ide::{self, View};
use convert::{Encoding, Lines};
use kalc_grammar::source::FileSpan;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::sync::{mpsc, oneshot};
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types::*;
use tower_lsp::{Client, LanguageServer, LspService, Server};
use world::{Abilities, Event, Snapshot, World};

/// Requests that are worked on at one time; cancelling waits behind them.
const CONCURRENCY: usize = 64;

/// Serves a client on standard input and output until it says goodbye.
pub async fn serve(disk: Arc<dyn Disk>, version: &'static str) -> io::Result<()> {
    let (events, inbox) = mpsc::unbounded_channel();
    let (outcomes, results) = mpsc::unbounded_channel();
    let newest = Arc::new(AtomicU64::new(0));
    let jobs = worker::start(Arc::clone(&disk), Arc::clone(&newest), outcomes)?;
    let (service, socket) = LspService::new(|client| {
        let world = World::new(client.clone(), disk, jobs, newest);
        tokio::spawn(world.run(inbox, results));
        Backend { client, events, version, registers: AtomicBool::new(false) }
    });
    Server::new(tokio::io::stdin(), tokio::io::stdout(), socket).concurrency_level(CONCURRENCY).serve(service).await;
    Ok(())
}

struct Backend {
    client: Client,
    events: mpsc::UnboundedSender<Event>,
    version: &'static str,
    /// Whether the client can be asked to watch files.
    registers: AtomicBool,
}

impl Backend {
    fn send(&self, event: Event) {
        // Without a world the server is about to end.
        let _ = self.events.send(event);
    }

    /// Answers a request from the text as it was when the request came: with the first host that knows an answer.
    async fn answer<T: Send + 'static>(
        &self,
        uri: Uri,
        question: impl Fn(&Snapshot, View<'_>) -> Option<T> + Send + 'static,
    ) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.send(Event::Ask(uri, reply));
        let (snapshot, file) = tokio::time::timeout(world::patience(), answer).await.ok()?.ok()?;
        // A question that panics is one without an answer.
        let work = move || snapshot.views(&file).find_map(|view| question(&snapshot, view));
        tokio::task::spawn_blocking(work).await.ok().flatten()
    }
}

impl LanguageServer for Backend {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let abilities = abilities(&params.capabilities);
        self.registers.store(registers(&params.capabilities), Ordering::Release);
        self.send(Event::Settings(params.initialization_options.clone().unwrap_or_default()));
        self.send(Event::Start(abilities, folders(&params)));
        let capabilities = ServerCapabilities {
            position_encoding: Some(match abilities.encoding {
                Encoding::Utf8 => PositionEncodingKind::UTF8,
                Encoding::Utf16 => PositionEncodingKind::UTF16,
            }),
            text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
                open_close: Some(true),
                change: Some(TextDocumentSyncKind::INCREMENTAL),
                save: Some(TextDocumentSyncSaveOptions::Supported(true)),
                ..TextDocumentSyncOptions::default()
            })),
            hover_provider: Some(HoverProviderCapability::Simple(true)),
            completion_provider: Some(CompletionOptions {
                trigger_characters: Some(vec!["$".to_owned(), " ".to_owned()]),
                ..CompletionOptions::default()
            }),
            definition_provider: Some(OneOf::Left(true)),
            document_symbol_provider: Some(OneOf::Left(true)),
            execute_command_provider: Some(ExecuteCommandOptions {
                commands: commands::COMMANDS.iter().map(|&name| name.to_owned()).collect(),
                ..ExecuteCommandOptions::default()
            }),
            workspace: Some(WorkspaceServerCapabilities {
                workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                    supported: Some(true),
                    change_notifications: Some(OneOf::Left(true)),
                }),
                ..WorkspaceServerCapabilities::default()
            }),
            ..ServerCapabilities::default()
        };
        let server_info = Some(ServerInfo { name: "kalc".to_owned(), version: Some(self.version.to_owned()) });
        Ok(InitializeResult { capabilities, server_info, ..InitializeResult::default() })
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        self.send(Event::Open(params.text_document));
    }

    async fn did_change(&self, params: DidChangeTextDocumentParams) {
        self.send(Event::Change(params.text_document, params.content_changes));
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        self.send(Event::Close(params.text_document.uri));
    }

    async fn did_save(&self, _: DidSaveTextDocumentParams) {
        self.send(Event::Disk(true));
    }

    async fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
        self.send(Event::Disk(params.changes.iter().any(|change| change.typ != FileChangeType::CHANGED)));
    }

    async fn did_change_configuration(&self, params: DidChangeConfigurationParams) {
        // Clients that are to be asked for their settings say nothing here.
        if !params.settings.is_null() {
            self.send(Event::Settings(params.settings));
        }
    }

    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        let paths = |folders: &[WorkspaceFolder]| folders.iter().map(|folder| convert::path(&folder.uri)).collect();
        self.send(Event::Folders(paths(&params.event.added), paths(&params.event.removed)));
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        let TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
        let question = move |snapshot: &Snapshot, view: View<'_>| {
            let lines = Lines::new(view.text(), snapshot.abilities.encoding);
            let hover = ide::hover::hover(view, lines.offset(position))?;
            let mut contents = convert::markdown(hover.markdown);
            if !snapshot.abilities.markdown {
                contents.kind = MarkupKind::PlainText;
            }
            Some(Hover { contents: HoverContents::Markup(contents), range: Some(lines.range(hover.span)) })
        };
        Ok(self.answer(text_document.uri, question).await)
    }

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        let TextDocumentPositionParams { text_document, position } = params.text_document_position;
        let question = move |snapshot: &Snapshot, view: View<'_>| {
            let lines = Lines::new(view.text(), snapshot.abilities.encoding);
            let completion = ide::completion::completion(view, lines.offset(position))?;
            let replaces = lines.range(completion.replaces);
            let items = completion.items.into_iter().enumerate();
            let items = items.map(|(index, item)| {
                let mut item = convert::completion_item(item, index, replaces);
                if !snapshot.abilities.tags && item.tags.take().is_some() {
                    item.deprecated = Some(true);
                }
                item
            });
            Some(CompletionResponse::Array(items.collect()))
        };
        Ok(self.answer(text_document.uri, question).await)
    }

    async fn goto_definition(&self, params: GotoDefinitionParams) -> Result<Option<GotoDefinitionResponse>> {
        let TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
        let question = move |snapshot: &Snapshot, view: View<'_>| {
            let encoding = snapshot.abilities.encoding;
            let offset = Lines::new(view.text(), encoding).offset(position);
            let places = ide::definition::definition(view, offset);
            let locations: Vec<Location> =
                places.into_iter().filter_map(|place| location(view, place, encoding)).collect();
            (!locations.is_empty()).then_some(GotoDefinitionResponse::Array(locations))
        };
        Ok(self.answer(text_document.uri, question).await)
    }

    async fn document_symbol(&self, params: DocumentSymbolParams) -> Result<Option<DocumentSymbolResponse>> {
        let uri = params.text_document.uri.clone();
        let question = move |snapshot: &Snapshot, view: View<'_>| {
            let lines = Lines::new(view.text(), snapshot.abilities.encoding);
            let symbols = ide::symbols::symbols(view);
            let symbols: Vec<DocumentSymbol> =
                symbols.into_iter().map(|symbol| convert::document_symbol(symbol, &lines)).collect();
            Some(match snapshot.abilities.hierarchy {
                true => DocumentSymbolResponse::Nested(symbols),
                false => DocumentSymbolResponse::Flat(convert::flat(symbols, &uri)),
            })
        };
        Ok(self.answer(params.text_document.uri, question).await)
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<LSPAny>> {
        match commands::Request::read(&params.command, &params.arguments)? {
            commands::Request::ShowIr(uri) => {
                let question = |_: &Snapshot, view: View<'_>| Some(ide::commands::show_ir(view.host));
                Ok(self.answer(uri, question).await.map(LSPAny::String))
            }
            commands::Request::ExplainRule(rule) => match ide::commands::explain(&rule) {
                Ok(page) => Ok(Some(LSPAny::String(page))),
                Err(problem) => Err(Error::invalid_params(problem)),
            },
        }
    }

    async fn initialized(&self, _: InitializedParams) {
        self.client.log_message(MessageType::LOG, format!("kalc {}", self.version)).await;
        if self.registers.load(Ordering::Acquire)
            && let Err(error) = self.client.register_capability(watched_files()).await
        {
            let message = format!("the client does not watch files for kalc: {error}");
            self.client.log_message(MessageType::WARNING, message).await;
        }
    }
}

fn location(view: View<'_>, place: FileSpan, encoding: Encoding) -> Option<Location> {
    let file = view.host.sources.file(place.file);
    Some(Location { uri: convert::uri(file.name())?, range: Lines::new(file.text(), encoding).range(place.span) })
}

/// Files that may change outside the editor, or in it without being sent.
fn watched_files() -> Vec<Registration> {
    let watchers = ["**/kalc.toml", "**/*.conf"];
    let watchers = watchers.map(|glob| serde_json::json!({ "globPattern": glob }));
    vec![Registration {
        id: "kalc-files".to_owned(),
        method: "workspace/didChangeWatchedFiles".to_owned(),
        register_options: Some(serde_json::json!({ "watchers": watchers })),
    }]
}

fn registers(client: &ClientCapabilities) -> bool {
    let watched = client.workspace.as_ref().and_then(|workspace| workspace.did_change_watched_files);
    watched.is_some_and(|watched| watched.dynamic_registration == Some(true))
}

fn folders(params: &InitializeParams) -> Vec<String> {
    #[expect(deprecated, reason = "older clients give nothing else")]
    let root = params.root_uri.as_ref();
    match &params.workspace_folders {
        Some(folders) => folders.iter().map(|folder| convert::path(&folder.uri)).collect(),
        None => root.map(convert::path).into_iter().collect(),
    }
}

fn abilities(client: &ClientCapabilities) -> Abilities {
    let encodings = client.general.as_ref().and_then(|general| general.position_encodings.as_deref()).unwrap_or(&[]);
    let document = client.text_document.as_ref();
    let completion = document.and_then(|d| d.completion.as_ref()).and_then(|c| c.completion_item.as_ref());
    let hover = document.and_then(|d| d.hover.as_ref()).and_then(|hover| hover.content_format.as_deref());
    Abilities {
        encoding: match encodings.contains(&PositionEncodingKind::UTF8) {
            true => Encoding::Utf8,
            false => Encoding::Utf16,
        },
        related: document
            .and_then(|d| d.publish_diagnostics.as_ref())
            .is_some_and(|publish| publish.related_information == Some(true)),
        hierarchy: document
            .and_then(|d| d.document_symbol.as_ref())
            .is_some_and(|symbols| symbols.hierarchical_document_symbol_support == Some(true)),
        tags: completion.is_some_and(|item| item.tag_support.is_some()),
        markdown: hover.is_none_or(|formats| formats.contains(&MarkupKind::Markdown)),
    }
}
