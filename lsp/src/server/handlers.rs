//! What each message of the protocol does: it is sent on to the [`world`](super::world), or waits for what that knows.

use super::commands::Request;
use super::snapshot::Asked;
use super::world::{Event, Need};
use super::{Backend, abilities, actions, commands, convert, navigate, publish, settings, show, tokens};
use crate::ide;
use tower_lsp::LanguageServer;
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
use tower_lsp::ls_types::*;

/// LSP 3.17: the server gave up; the client may ask again.
const SERVER_CANCELLED: i64 = -32802;

/// The file and the place in it that a request is about.
fn split(at: TextDocumentPositionParams) -> (Uri, Position) {
    (at.text_document.uri, at.position)
}

impl LanguageServer for Backend {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let able = abilities::Abilities::new(&params.capabilities);
        self.remember(able);
        self.send(Event::Settings(params.initialization_options.clone().unwrap_or_default()));
        self.send(Event::Start(able, folders(&params)));
        let server_info = Some(ServerInfo { name: "kalc".to_owned(), version: Some(self.version.to_owned()) });
        Ok(InitializeResult { capabilities: abilities::offered(&able), server_info, ..InitializeResult::default() })
    }

    async fn initialized(&self, _: InitializedParams) {
        self.client.log_message(MessageType::LOG, format!("kalc {}", self.version)).await;
        if self.abilities().watches
            && let Err(error) = self.client.register_capability(watched_files()).await
        {
            let message = format!("the client does not watch files for kalc: {error}");
            self.client.log_message(MessageType::WARNING, message).await;
        }
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
        self.tokens.forget(&params.text_document.uri);
        self.send(Event::Close(params.text_document.uri));
    }

    async fn did_save(&self, _: DidSaveTextDocumentParams) {
        self.send(Event::Disk(true));
    }

    async fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
        self.send(Event::Disk(params.changes.iter().any(|change| change.typ != FileChangeType::CHANGED)));
    }

    async fn did_change_configuration(&self, params: DidChangeConfigurationParams) {
        if !settings::is_silent(&params.settings) {
            self.send(Event::Settings(params.settings));
        }
    }

    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        let paths = |folders: &[WorkspaceFolder]| folders.iter().map(|folder| convert::path(&folder.uri)).collect();
        self.send(Event::Folders(paths(&params.event.added), paths(&params.event.removed)));
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        let (uri, position) = split(params.text_document_position_params);
        Ok(self.answer(uri, Need::Text, move |asked| show::hover(asked, position)).await)
    }

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        let (uri, position) = split(params.text_document_position);
        let trigger = params.context.and_then(|context| context.trigger_character?.chars().next());
        Ok(self.answer(uri, Need::Text, move |asked| show::completion(asked, position, trigger)).await)
    }

    async fn signature_help(&self, params: SignatureHelpParams) -> Result<Option<SignatureHelp>> {
        let (uri, position) = split(params.text_document_position_params);
        Ok(self.answer(uri, Need::Text, move |asked| show::signatures(asked, position)).await)
    }

    async fn code_lens(&self, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
        Ok(self.answer(params.text_document.uri, Need::Text, show::lenses).await)
    }

    async fn inlay_hint(&self, params: InlayHintParams) -> Result<Option<Vec<InlayHint>>> {
        let range = params.range;
        Ok(self.answer(params.text_document.uri, Need::Text, move |asked| show::hints(asked, range)).await)
    }

    async fn goto_definition(&self, params: GotoDefinitionParams) -> Result<Option<GotoDefinitionResponse>> {
        let (uri, position) = split(params.text_document_position_params);
        Ok(self.answer(uri, Need::Text, move |asked| navigate::definition(asked, position)).await)
    }

    async fn references(&self, params: ReferenceParams) -> Result<Option<Vec<Location>>> {
        let (uri, position) = split(params.text_document_position);
        let all = params.context.include_declaration;
        Ok(self.answer(uri, Need::Text, move |asked| navigate::references(asked, position, all)).await)
    }

    async fn document_highlight(&self, params: DocumentHighlightParams) -> Result<Option<Vec<DocumentHighlight>>> {
        let (uri, position) = split(params.text_document_position_params);
        Ok(self.answer(uri, Need::Text, move |asked| navigate::highlights(asked, position)).await)
    }

    async fn document_symbol(&self, params: DocumentSymbolParams) -> Result<Option<DocumentSymbolResponse>> {
        let uri = params.text_document.uri;
        let of = uri.clone();
        Ok(self.answer(uri, Need::Text, move |asked| navigate::symbols(asked, &of)).await)
    }

    async fn symbol(&self, params: WorkspaceSymbolParams) -> Result<Option<WorkspaceSymbolResponse>> {
        let query = params.query;
        Ok(self.ask(None, Need::Text, move |asked| navigate::workspace_symbols(asked, &query)).await)
    }

    async fn document_link(&self, params: DocumentLinkParams) -> Result<Option<Vec<DocumentLink>>> {
        Ok(self.answer(params.text_document.uri, Need::Text, navigate::links).await)
    }

    async fn folding_range(&self, params: FoldingRangeParams) -> Result<Option<Vec<FoldingRange>>> {
        Ok(self.answer(params.text_document.uri, Need::Text, navigate::folds).await)
    }

    async fn selection_range(&self, params: SelectionRangeParams) -> Result<Option<Vec<SelectionRange>>> {
        let positions = params.positions;
        let question = move |asked: &Asked| navigate::selections(asked, &positions);
        Ok(self.answer(params.text_document.uri, Need::Text, question).await)
    }

    async fn semantic_tokens_full(&self, params: SemanticTokensParams) -> Result<Option<SemanticTokensResult>> {
        let uri = params.text_document.uri;
        let tokens = self.answer(uri.clone(), Need::Text, |asked| tokens::answer(asked, None)).await;
        Ok(tokens.map(|tokens| SemanticTokensResult::Tokens(self.tokens.all(uri, tokens))))
    }

    async fn semantic_tokens_full_delta(
        &self,
        params: SemanticTokensDeltaParams,
    ) -> Result<Option<SemanticTokensFullDeltaResult>> {
        let uri = params.text_document.uri;
        let tokens = self.answer(uri.clone(), Need::Text, |asked| tokens::answer(asked, None)).await;
        Ok(tokens.map(|tokens| self.tokens.changes(uri, tokens, &params.previous_result_id)))
    }

    async fn semantic_tokens_range(
        &self,
        params: SemanticTokensRangeParams,
    ) -> Result<Option<SemanticTokensRangeResult>> {
        let range = params.range;
        let question = move |asked: &Asked| tokens::answer(asked, Some(range)).map(SemanticTokensRangeResult::Tokens);
        Ok(self.answer(params.text_document.uri, Need::Text, question).await)
    }

    async fn diagnostic(&self, params: DocumentDiagnosticParams) -> Result<DocumentDiagnosticReportResult> {
        let known = params.previous_result_id;
        let question = move |asked: &Asked| publish::pulled(asked, known.as_deref());
        let report = self.ask(Some(params.text_document.uri), Need::AllFindings, question).await;
        // Findings that are not known yet are asked for again.
        let report = report
            .ok_or_else(|| Error { code: ErrorCode::ServerError(SERVER_CANCELLED), ..Error::internal_error() })?;
        Ok(DocumentDiagnosticReportResult::Report(report))
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        let (uri, range, only) = (params.text_document.uri, params.range, params.context.only);
        let of = uri.clone();
        let question = move |asked: &Asked| actions::actions(asked, range, only.as_deref(), &of);
        Ok(self.answer(uri, Need::Findings, question).await)
    }

    async fn code_action_resolve(&self, mut action: CodeAction) -> Result<CodeAction> {
        let uri = action.data.as_ref().and_then(|data| data.get("uri")).and_then(|uri| uri.as_str());
        let Some(uri) = uri.and_then(|uri| uri.parse::<Uri>().ok()) else { return Ok(action) };
        let of = uri.clone();
        action.edit = self.answer(uri, Need::Findings, move |asked| actions::fix_all(asked, &of)).await;
        Ok(action)
    }

    async fn formatting(&self, params: DocumentFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        let question = |asked: &Asked| actions::format(asked, None);
        self.ask(Some(params.text_document.uri), Need::Text, question).await.unwrap_or(Ok(None))
    }

    async fn range_formatting(&self, params: DocumentRangeFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        let range = params.range;
        let question = move |asked: &Asked| actions::format(asked, Some(range));
        self.ask(Some(params.text_document.uri), Need::Text, question).await.unwrap_or(Ok(None))
    }

    async fn prepare_rename(&self, params: TextDocumentPositionParams) -> Result<Option<PrepareRenameResponse>> {
        let (uri, position) = split(params);
        let question = move |asked: &Asked| actions::prepare_rename(asked, position);
        self.ask(Some(uri), Need::Text, question).await.unwrap_or(Ok(None))
    }

    async fn rename(&self, params: RenameParams) -> Result<Option<WorkspaceEdit>> {
        let (uri, position) = split(params.text_document_position);
        let new = params.new_name;
        let question = move |asked: &Asked| actions::rename(asked, position, &new);
        self.ask(Some(uri), Need::Text, question).await.unwrap_or(Ok(None))
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<LSPAny>> {
        match Request::read(&params.command, &params.arguments)? {
            Request::ShowIr(uri) => {
                let question = |asked: &Asked| Some(ide::commands::show_ir(asked.seen().next()?.view.host));
                Ok(self.answer(uri, Need::Text, question).await.map(LSPAny::String))
            }
            Request::ExplainRule(rule) => match ide::commands::explain(&rule) {
                Ok(page) => Ok(Some(LSPAny::String(page))),
                Err(problem) => Err(Error::invalid_params(problem)),
            },
            Request::ConfigIds(uri) => Ok(self.answer(uri, Need::Text, commands::config_ids).await),
            Request::SetConfigId(id) => {
                self.send(Event::ConfigId(id));
                Ok(None)
            }
        }
    }
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

fn folders(params: &InitializeParams) -> Vec<String> {
    #[expect(deprecated, reason = "older clients give nothing else")]
    let root = params.root_uri.as_ref();
    match &params.workspace_folders {
        Some(folders) => folders.iter().map(|folder| convert::path(&folder.uri)).collect(),
        None => root.map(convert::path).into_iter().collect(),
    }
}
