//! What the client can do, and what the server offers to it.

use super::commands::COMMANDS;
use super::convert::Encoding;
use super::tokens;
use tower_lsp::ls_types::*;

/// What the client can do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Abilities {
    /// What it counts columns in.
    pub encoding: Encoding,
    /// Whether it shows related places of diagnostics.
    pub related: bool,
    /// Whether it knows tags of diagnostics.
    pub diagnostic_tags: bool,
    /// Whether it opens the page of a diagnostic's code.
    pub code_pages: bool,
    /// Whether it asks for diagnostics of open documents itself, and again when it is told to.
    pub pulls: bool,
    /// Whether it shows outlines with blocks in each other.
    pub hierarchy: bool,
    /// Whether it knows tags of completion items.
    pub tags: bool,
    /// Whether it knows places to fill in in completion items.
    pub snippets: bool,
    /// Whether it shows Markdown in hovers.
    pub markdown: bool,
    /// Whether it knows code actions that are no commands.
    pub actions: bool,
    /// Whether it asks for the edit of a code action when it is chosen.
    pub resolves_edits: bool,
    /// Whether edits may say which version of a document they are for.
    pub versioned_edits: bool,
    /// Whether it shows how long work goes on.
    pub progress: bool,
    /// Whether it asks for code lenses again when it is told to.
    pub refreshes_lenses: bool,
    /// Whether it can be asked to watch files.
    pub watches: bool,
}

impl Abilities {
    /// As the client says.
    pub fn new(client: &ClientCapabilities) -> Self {
        let encodings = client.general.as_ref().and_then(|general| general.position_encodings.as_deref());
        let document = client.text_document.as_ref();
        let workspace = client.workspace.as_ref();
        let published = document.and_then(|d| d.publish_diagnostics.as_ref());
        let completion = document.and_then(|d| d.completion.as_ref()).and_then(|c| c.completion_item.as_ref());
        let hover = document.and_then(|d| d.hover.as_ref()).and_then(|hover| hover.content_format.as_deref());
        let action = document.and_then(|d| d.code_action.as_ref());
        let resolved = action.and_then(|action| action.resolve_support.as_ref());
        let edits = workspace.and_then(|workspace| workspace.workspace_edit.as_ref());
        let pulls = document.and_then(|d| d.diagnostic.as_ref()).is_some();
        let refreshed = workspace.and_then(|workspace| workspace.diagnostics.as_ref());
        let lenses = workspace.and_then(|workspace| workspace.code_lens.as_ref());
        let watched = workspace.and_then(|workspace| workspace.did_change_watched_files);
        Abilities {
            encoding: match encodings.unwrap_or(&[]).contains(&PositionEncodingKind::UTF8) {
                true => Encoding::Utf8,
                false => Encoding::Utf16,
            },
            related: published.is_some_and(|publish| publish.related_information == Some(true)),
            diagnostic_tags: published.is_some_and(|publish| publish.tag_support.is_some()),
            code_pages: published.is_some_and(|publish| publish.code_description_support == Some(true)),
            pulls: pulls && refreshed.is_some_and(|diagnostics| diagnostics.refresh_support == Some(true)),
            hierarchy: document
                .and_then(|d| d.document_symbol.as_ref())
                .is_some_and(|symbols| symbols.hierarchical_document_symbol_support == Some(true)),
            tags: completion.is_some_and(|item| item.tag_support.is_some()),
            snippets: completion.is_some_and(|item| item.snippet_support == Some(true)),
            markdown: hover.is_none_or(|formats| formats.contains(&MarkupKind::Markdown)),
            actions: action.is_some_and(|action| action.code_action_literal_support.is_some()),
            resolves_edits: action.is_some_and(|action| action.data_support == Some(true))
                && resolved.is_some_and(|resolve| resolve.properties.iter().any(|name| name == "edit")),
            versioned_edits: edits.is_some_and(|edits| edits.document_changes == Some(true)),
            progress: client.window.as_ref().is_some_and(|window| window.work_done_progress == Some(true)),
            refreshes_lenses: lenses.is_some_and(|lenses| lenses.refresh_support == Some(true)),
            watches: watched.is_some_and(|watched| watched.dynamic_registration == Some(true)),
        }
    }
}

/// What the server offers.
pub fn offered(abilities: &Abilities) -> ServerCapabilities {
    let words = |words: &[&str]| Some(words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>());
    ServerCapabilities {
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
            trigger_characters: words(&["$", "{", " ", "/"]),
            ..CompletionOptions::default()
        }),
        signature_help_provider: Some(SignatureHelpOptions {
            trigger_characters: words(&[" "]),
            ..SignatureHelpOptions::default()
        }),
        definition_provider: Some(OneOf::Left(true)),
        references_provider: Some(OneOf::Left(true)),
        document_highlight_provider: Some(OneOf::Left(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        workspace_symbol_provider: Some(OneOf::Left(true)),
        document_link_provider: Some(DocumentLinkOptions {
            resolve_provider: None,
            work_done_progress_options: WorkDoneProgressOptions::default(),
        }),
        folding_range_provider: Some(FoldingRangeProviderCapability::Simple(true)),
        selection_range_provider: Some(SelectionRangeProviderCapability::Simple(true)),
        rename_provider: Some(OneOf::Right(RenameOptions {
            prepare_provider: Some(true),
            work_done_progress_options: WorkDoneProgressOptions::default(),
        })),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX, super::actions::FIX_ALL]),
            resolve_provider: Some(abilities.resolves_edits),
            ..CodeActionOptions::default()
        })),
        code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
        inlay_hint_provider: Some(OneOf::Left(true)),
        document_formatting_provider: Some(OneOf::Left(true)),
        document_range_formatting_provider: Some(OneOf::Left(true)),
        semantic_tokens_provider: Some(SemanticTokensServerCapabilities::SemanticTokensOptions(
            SemanticTokensOptions {
                legend: tokens::legend(),
                range: Some(true),
                full: Some(SemanticTokensFullOptions::Delta { delta: Some(true) }),
                ..SemanticTokensOptions::default()
            },
        )),
        diagnostic_provider: abilities.pulls.then(|| {
            DiagnosticServerCapabilities::Options(DiagnosticOptions {
                identifier: Some("kalc".to_owned()),
                inter_file_dependencies: true,
                workspace_diagnostics: false,
                ..DiagnosticOptions::default()
            })
        }),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: COMMANDS.iter().map(|&name| name.to_owned()).collect(),
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
    }
}
