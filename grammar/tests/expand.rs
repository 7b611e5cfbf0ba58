//! What expansion makes of files, what it reports, and where the result leads back to.
//!
//! Expectations follow reference/syntax.md, sections 1, 4 to 8 and 12. Files are written to show one thing each.

use kalc_grammar::expand::{Logical, PieceKind, Place, Profile, Via, ViaKind, expand};
use kalc_grammar::files::{FileSystem, MemoryFiles, ReadError};
use kalc_grammar::source::{FileSpan, SourceFile, Sources, Span};
use std::sync::Arc;

/// Files by name, the main file first.
type Files<'a> = &'a [(&'a str, &'a str)];

fn run(files: Files, profile: &Profile) -> (Sources, Logical) {
    run_on(files[0], &MemoryFiles::new(files.iter().copied()), profile)
}

fn run_on((name, text): (&str, &str), files: &dyn FileSystem, profile: &Profile) -> (Sources, Logical) {
    let mut sources = Sources::default();
    let main = sources.add(SourceFile::new(name, text.as_bytes().to_vec()));
    let logical = expand(&mut sources, main, files, profile);
    (sources, logical)
}

fn with_id(id: &str) -> Profile {
    Profile { config_id: Some(id.to_owned()), ..Profile::default() }
}

fn show_span(sources: &Sources, at: FileSpan) -> String {
    let file = sources.file(at.file);
    let place = file.line_column(at.span.start);
    format!("{}:{}:{} `{}`", file.name(), place.line, place.column, sources.text(at))
}

fn show_via(sources: &Sources, via: &Via) -> String {
    let kind = match &via.kind {
        ViaKind::Include => "include".to_owned(),
        ViaKind::Definition(name) => format!("definition {name}"),
        ViaKind::Builtin(name) => format!("built-in {name}"),
        ViaKind::Sequence(values) => {
            let values: Vec<_> = values.iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("turn {}", values.join(" "))
        }
    };
    format!("{kind} {}", show_span(sources, via.at))
}

fn show(sources: &Sources, place: &Place) -> String {
    let mut parts = vec![show_span(sources, place.typed)];
    parts.extend(place.uses.iter().map(|via| show_via(sources, via)));
    parts.join(" <- ")
}

fn faults(sources: &Sources, logical: &Logical) -> Vec<String> {
    let place = |at| show(sources, &logical.place_of(at));
    logical.faults.iter().map(|fault| format!("{:?} {}", fault.kind, place(fault.at))).collect()
}

#[track_caller]
fn check_in(files: Files, profile: &Profile, text: &str, expected: &[&str]) {
    let (sources, logical) = run(files, profile);
    assert_eq!(&*logical.text, text, "text of {files:?}");
    assert_eq!(faults(&sources, &logical), expected, "faults of {files:?}");
    check_laws(&sources, &logical);
}

#[track_caller]
fn check(input: &str, text: &str, expected: &[&str]) {
    check_in(&[("m", input)], &Profile::default(), text, expected);
}

/// Where the first occurrence of a word in the logical text leads.
#[track_caller]
fn check_place(files: Files, word: &str, expected: &str) {
    let (sources, logical) = run(files, &Profile::default());
    let Some(start) = logical.text.find(word) else { panic!("no {word:?} in {:?}", logical.text) };
    let span = Span::new(start as u32, (start + word.len()) as u32);
    assert_eq!(show(&sources, &logical.place(span)), expected, "{word:?} in {:?}", logical.text);
}

/// Pieces are in order and without gaps, and every place is inside its file.
#[track_caller]
fn check_laws(sources: &Sources, logical: &Logical) {
    assert!(!logical.pieces.is_empty());
    assert_eq!(logical.pieces[0].start, 0);
    for (index, piece) in logical.pieces.iter().enumerate() {
        let end = logical.pieces.get(index + 1).map_or(logical.text.len() as u32, |next| next.start);
        assert!(piece.start < end || logical.text.is_empty());
        let text = &logical.text[piece.start as usize..end as usize];
        let file = sources.file(piece.typed.file).text();
        let typed = file.get(piece.typed.span.range()).expect("a place inside its file");
        if piece.kind == PieceKind::Verbatim {
            assert_eq!(typed, text);
        }
        assert!(piece.via.is_none_or(|via| (via.0 as usize) < logical.vias.len()));
    }
    for (index, via) in logical.vias.iter().enumerate() {
        assert!(sources.file(via.at.file).text().get(via.at.span.range()).is_some());
        assert!(via.parent.is_none_or(|parent| (parent.0 as usize) < index), "steps lead outwards");
    }
    for fault in &logical.faults {
        let place = logical.place_of(fault.at);
        assert!(sources.file(place.typed.file).text().get(place.typed.span.range()).is_some());
    }
}

// Text

#[test]
fn a_file_without_directives_is_not_copied() {
    let plain =
        ["", "a {\n  b c # note\n}\n", "mail a@b.example x~y\n", "# see include\n a include b\n", "a\r\nb\r\n", "x"];
    for text in plain {
        let (sources, logical) = run(&[("m", text)], &Profile::default());
        assert!(Arc::ptr_eq(&logical.text, sources.file(logical.files[0]).text()), "{text:?}");
        assert_eq!(logical.pieces.len(), 1);
        assert_eq!(logical.faults, []);
    }
}

#[test]
fn text_faults() {
    check("\u{feff}a\n", "a\n", &["ByteOrderMark m:1:1 `\u{feff}`"]);
    check("a\nb\0c\0\nd\n", "a\nd\n", &["NulByte m:2:2 `\0`"]);
    check("a\0", "", &["NulByte m:1:2 `\0`"]);
}

#[test]
fn invalid_utf8_is_reported_once_a_line_and_not_in_comments() {
    let mut sources = Sources::default();
    let bytes = b"a \xff\xfe\n# \xff\nb \"#\xff\" c\n$X=1\n".to_vec();
    let main = sources.add(SourceFile::new("m", bytes));
    let logical = expand(&mut sources, main, &MemoryFiles::default(), &Profile::default());
    assert_eq!(faults(&sources, &logical), ["InvalidUtf8 m:1:3 `\u{1a}`", "InvalidUtf8 m:3:5 `\u{1a}`"]);
}

#[test]
fn long_lines_lose_their_start() {
    let long = |length: usize| "x".repeat(length);
    check(&long(1022), &long(1022), &[]);
    let fault = |line: &str, length: usize| format!("LineTooLong {{ length: {length} }} m:1:1 `{line}`");
    let line = long(1023);
    check(&format!("{line}\nb\n"), "\nb\n", &[&fault(&line, 1023)]);
    let line = format!("  # {} c", long(1100));
    check(&format!("{line}\nb\n"), &format!("{} c\nb\n", long(81)), &[&fault(&line, 1106)]);
    let line = long(2100);
    check(&format!("{line}\n"), &format!("{}\n", long(54)), &[&fault(&line, 2100)]);
    // The cut does not split a character.
    let line = format!("{}éé d", long(1020));
    check(&line, " d", &[&fault(&line, 1026)]);
}

#[test]
fn comments_are_left_alone() {
    check("$X=1\na # ${X} $Y\n", "a # ${X} $Y\n", &[]);
    check("$X=1\na \"#$X \" # $X\n", "a \"#1 \" # $X\n", &[]);
    check("$X=1\na#$X\n", "a#$X\n", &[]);
    check("$X=1\na\\#b $X\n", "a#b 1\n", &[]);
    check("$X=1\na\\#b\n", "a\\#b\n", &[]);
    check("$X=a#b\nq $X\n", "q a\n", &[]);
    check("$X=a\\#b\nq $X y\n", "q a#b y\n", &[]);
    check("~SEQ(I, 2) a\\#b $I\n", "a#b 1\na#b 2\n", &[]);
    check("q \"a${_HASH}b\" ${_BANG}\n", "q \"a#b\" !\n", &[]);
    check("# @x\n! ~SEQ(I,2) a\n# include b\n", "# @x\n! ~SEQ(I,2) a\n# include b\n", &[]);
}

// Conditions

#[test]
fn conditions_keep_or_drop_their_line() {
    let check = |input: &str, text: &str| check_in(&[("m", input)], &with_id("one"), text, &[]);
    check("@one a b\n@two c\n", "a b\n");
    check("@^one a\n@^two b\n", "b\n");
    check("  @one\ta\n", "a\n");
    check("b {\n  @one c\n  @two d\n}\n", "b {\nc\n}\n");
    check("@two b {\n  c\n@two }\n", "  c\n");
    check("@one $X=1\n@two $X=2\na $X\n", "a 1\n");
    check("@one\na\n", "a\n");
    check("@one # note\na\n", "a\n");
    check("@One a\n@on b\n@^^one c\n", "c\n");
    check("a @two b\n", "a @two b\n");
    check("b { @one c\n}\nb { @two c\n}\n", "b { c\n}\nb { \n}\n");
    check("a } @two b\nc\n", "a } \nc\n");
    check("$C=@two\n$C a\n", "@two a\n");
    check("$C=@two a\nb { $C\n}\n", "b { \n}\n");
    check("~SEQ(I, 2) @one a$I\n~SEQ(I, 2) @two a$I\n", "a1\na2\n");
    check("$M=a \\\n @two b \\\n @one c\n$M\n", "a\nc\n");
}

#[test]
fn without_an_id_only_negated_conditions_hold() {
    check("@one a\n@^one b\n", "b\n", &[]);
}

#[test]
fn impossible_conditions_are_reported() {
    for id in ["one,two", "(one)", "(one|two)", "version>=2.4", "a=b", "one{"] {
        check(&format!("@{id} a\n"), "", &[&format!("ImpossibleCondition {{ id: {id:?} }} m:1:2 `{id}`")]);
    }
    check("@ one a\n", "", &["ImpossibleCondition { id: \"\" } m:1:1 `@`"]);
    check("@^(one) a\n", "a\n", &[]);
    check_in(&[("m", "@a,b x\n")], &with_id("a,b"), "x\n", &[]);
}

#[test]
fn a_second_condition_is_reported_and_taken_as_meant() {
    check_in(&[("m", "@one @one a\n")], &with_id("one"), "a\n", &["SecondCondition m:1:6 `@one`"]);
    check_in(&[("m", "@one @two a\n")], &with_id("one"), "", &["SecondCondition m:1:6 `@two`"]);
    check_in(&[("m", "@two @one a\n")], &with_id("one"), "", &[]);
}

#[test]
fn all_config_ids_are_collected() {
    let (sources, logical) = run(&[("m", "@a x\n@^b y\n@c,d z\n~SEQ(I, 3) @e $I\nf { @g h\n")], &with_id("a"));
    let ids: Vec<_> = logical.config_ids.iter().map(|id| (id.id.as_str(), show_span(&sources, id.at))).collect();
    let at = |id: &'static str, line: u32, column: u32| (id, format!("m:{line}:{column} `{id}`"));
    assert_eq!(ids, [at("a", 1, 2), at("b", 2, 3), at("e", 4, 13), at("g", 5, 6)]);
}

// Definitions

#[test]
fn definitions_are_used() {
    check("$X=abc\na $X b\n", "a abc b\n", &[]);
    check("$X=abc\na ${X} p${X}s p$X\n", "a abc pabcs pabc\n", &[]);
    check("$X=abc\na \"${X} z\" \"$X z\" ($X) $X,d\n", "a \"abc z\" \"abc z\" (abc) abc,d\n", &[]);
    check("$X=abc\na $X#c\na $X\t# c\n", "a abc#c\na abc\t# c\n", &[]);
    check("$X=abc\r\na $X\r\n", "a abc\r\n", &[]);
    check("$X=  a b  # c\nq \"${X}\"\n", "q \"a b\"\n", &[]);
    check("$X=\"a b\"\nq $X\n", "q \"a b\"\n", &[]);
    check("$X=a=b\nq $X\n", "q a=b\n", &[]);
    check("$X=\na${X}b $X c\n", "ab  c\n", &[]);
    check("$X=1\n$X=2\na $X\n", "a 2\n", &[]);
    check("$_=1\n$_x9=2\na $_ $_x9\n", "a 1 2\n", &[]);
    check("b {\n  $X=1\n}\na $X\n", "b {\n}\na 1\n", &[]);
    check("b { $X=1\na $X\n", "b { \na 1\n", &[]);
    check("a } $X=1 }\na $X\n", "a } \na 1 }\n", &[]);
}

#[test]
fn definitions_may_be_any_part_of_a_line() {
    check("$K=key word\nb {\n$K\n}\n", "b {\nkey word\n}\n", &[]);
    check("$B={\nb $B\n$E=}\n$E\n", "b {\n}\n", &[]);
    check("$B=b { c }\n$B\n", "b { c }\n", &[]);
    check("$K=eep\nk${K}alive 1\n", "keepalive 1\n", &[]);
    check("$D=$X=5\n$D\na $X\n", "a 5\n", &[]);
    check("$N=1\n~SEQ(I, 2) $V${I}=v$I\na ${V1} ${V2}\n", "a v1 v2\n", &[]);
}

#[test]
fn values_are_read_when_used() {
    check("$Y=${X}d\n$X=abc\na $Y\n$X=x\na $Y\n", "a abcd\na xd\n", &[]);
    check("$A=$\n$X=abc\na ${A}X b\n", "a abc b\n", &[]);
    check("$N=A\n$A=v\na ${${N}}\n", "a v\n", &[]);
    check("$X=abc\n$Y=,z\na $X$Y b\n", "a abc,z b\n", &[]);
    check("$X=abc\na $$X b\n", "a $abc b\n", &["UndefinedName { name: \"abc\", braces: false } m:2:3 `$$X`"]);
}

#[test]
fn a_name_must_end() {
    let glued = |column: u32| format!("GluedName {{ name: \"X\" }} m:2:{column} `$X`");
    for after in ["/24", ":1", ".s", "'", "\"", "}", "-"] {
        check(&format!("$X=1\na $X{after}\n"), &format!("a $X{after}\n"), &[&glued(3)]);
    }
    check("$X=1\na '$X'\n", "a '$X'\n", &[&glued(4)]);
    check("$X=1\na $Xs\n", "a $Xs\n", &["UndefinedName { name: \"Xs\", braces: false } m:2:3 `$Xs`"]);
    check("$x=1\na $X\n", "a $X\n", &["UndefinedName { name: \"X\", braces: false } m:2:3 `$X`"]);
}

#[test]
fn undefined_names_stay() {
    let braces = |at: &str| format!("UndefinedName {{ name: \"N\", braces: true }} m:{at}");
    check("a ${N} b\n", "a ${N} b\n", &[&braces("1:3 `${N}`")]);
    check("a ${N b\n", "a ${N b\n", &[&braces("1:3 `${N`")]);
    let blanks = "UndefinedName { name: \" N \", braces: true } m:1:3 `${ N }`";
    check("a ${ N }\n", "a ${ N }\n", &[blanks]);
    check("a ${ N b }\n", "a ${ N b }\n", &[]);
    check("a $N\n$N=1\n", "a $N\n", &["UndefinedName { name: \"N\", braces: false } m:1:3 `$N`"]);
    check("a $ $= $1 $? $(x) $- z$\n", "a $ $= $1 $? $(x) $- z$\n", &[]);
    check("a \"${N}\"\n", "a \"${N}\"\n", &[&braces("1:4 `${N}`")]);
}

#[test]
fn names_in_scripts_may_be_the_shells() {
    for word in ["script", "notify", "notify_master", "misc_path", "quorum_up", "startup_script", "b { script"] {
        let line = format!("{word} \"/bin/sh -c 'echo $N ${{M}}'\" $N x\n");
        check(&line, &line, &[]);
    }
    check("script /x ${N}\n", "script /x ${N}\n", &["UndefinedName { name: \"N\", braces: true } m:1:11 `${N}`"]);
    check("$N=1\nnotify \"/x $N y\"\n", "notify \"/x 1 y\"\n", &[]);
    let fault = "UndefinedName { name: \"N\", braces: false } m:1:13 `$N`";
    check("vrrp_script $N {\n", "vrrp_script $N {\n", &[fault]);
}

#[test]
fn broken_definitions_are_dropped() {
    check("$X =v\na $X b\n", "a $X b\n", &["NotADefinition m:1:1 `$X =`"]);
    check("$A-B=v\na\n", "a\n", &["NotADefinition m:1:1 `$A-B=`"]);
    check("$1X=v\na $1X\n", "a $1X\n", &["NotADefinition m:1:1 `$1X=`"]);
    check("$X = a \\\n b\nc\n", "c\n", &["NotADefinition m:1:1 `$X =`"]);
    check("b { $X =v\n}\n", "b { \n}\n", &["NotADefinition m:1:5 `$X =`"]);
    check("$=v\n", "", &["NotADefinition m:1:1 `$=`"]);
}

#[test]
fn endless_and_overlong_lines_stay() {
    check("$X=${X}a\nq ${X} y\n", "q ${X} y\n", &["EndlessExpansion { name: \"X\" } m:2:3 `${X}`"]);
    check("$X=${Y}\n$Y=$X\nq $Y\nz\n", "q $Y\nz\n", &["EndlessExpansion { name: \"Y\" } m:3:3 `$Y`"]);
    let fault = "EndlessExpansion { name: \"M\" } m:2:2 `$M` <- definition M m:3:1 `$M`";
    check("$M=a \\\n $M\n$M\n", "a\n$M\n", &[fault]);
    let value = "v".repeat(510);
    let define = format!("$X={value}\n");
    check(&format!("{define}a ${{X}}${{X}}b\n"), &format!("a {value}{value}b\n"), &[]);
    let fault = "ExpansionTooLong { name: \"X\" } m:2:7 `${X}`";
    check(&format!("{define}a ${{X}}${{X}}bc\n"), "a ${X}${X}bc\n", &[fault]);
}

#[test]
fn definitions_of_several_lines() {
    let define = "$M=one 1 \\\n  two 2 \\\n\n";
    let use_in = |text: &str| format!("{define}{text}");
    check(&use_in("b {\n$M\n}\n"), "b {\none 1\ntwo 2\n}\n", &[]);
    check(&use_in("pre ${M} # c\n"), "pre one 1 # c\ntwo 2\n", &[]);
    check(&use_in("b { $M\n}\n"), "b { one 1\ntwo 2\n}\n", &[]);
    check(&use_in("a $M tail\n"), "a $M tail\n", &["MultiLineInLine { name: \"M\" } m:4:3 `$M`"]);
    check(&use_in("$M $M\n"), "$M one 1\ntwo 2\n", &["MultiLineInLine { name: \"M\" } m:4:1 `$M`"]);
    check("$M= \\\n a \\\n \\\n b\npre $M\n", "pre a\nb\n", &[]);
    check("$M=a\\\nb\n$M\n", "a\nb\n", &[]);
    check("$M=a \\ # c\n b\n$M\n", "a\nb\n", &[]);
    check("$M=a \\\n\nb $M c\n", "b $M c\n", &["MultiLineInLine { name: \"M\" } m:3:3 `$M`"]);
    check("$M=v$N { \\\n w${N} \\\n }\n$N=1\n$M\n$N=2\n$M\n", "v1 {\nw1\n}\nv2 {\nw2\n}\n", &[]);
    check("$I=i1 \\\n i2\n$O=o1 \\\n $I\\\n o2\n$O\n", "o1\ni1\ni2\no2\n", &[]);
    check("$M=a \\\n ~SEQ(I, 2) b$I \\\n c\n$M\n", "a\nb1\nb2\nc\n", &[]);
    check("$M=a \\\n $Q=q \\\n b $Q\n$M\n", "a\nb q\n", &[]);
    check("$M=a \\\n# note\n b\n$M\n", "a\nb\n", &["CommentInDefinition { name: \"M\" } m:2:1 `# note`"]);
    check("$M=a \\", "", &[]);
}

#[test]
fn built_in_names() {
    check("a $_INSTANCE b${_INSTANCE}\n", "a  b\n", &[]);
    check_in(&[("m", "a $_INSTANCE\n")], &with_id("one"), "a one\n", &[]);
    check("$_INSTANCE=mine\na $_INSTANCE\n", "a mine\n", &[]);
    check("a $_PWD\n", "a .\n", &[]);
    let files = &[("/etc/m", "a $_PWD\ninclude sub/n\n"), ("/etc/sub/n", "b ${_PWD}/x\n")];
    check_in(files, &Profile::default(), "a /etc\nb /etc/sub/x\n", &[]);
    let fault = "UndefinedName { name: \"_INSTANCE\", braces: true } m:1:3 `${_INSTANCE`";
    check("a ${_INSTANCE x}\n", "a ${_INSTANCE x}\n", &[fault]);
}

#[test]
fn random_is_symbolic() {
    check("a $_RANDOM ${_RANDOM} ${_RANDOM 7} ${_RANDOM 3 9}b\n", "a 0 0 7 3b\n", &[]);
    check("a ${_RANDOM 9 3}\n", "a 9\n", &["BadRandom m:1:3 `${_RANDOM 9 3}`"]);
    for bad in ["${_RANDOM x}", "${_RANDOM 1 2 3}", "${_RANDOM -1 2}", "${_RANDOM 1,2}"] {
        let line = format!("a {bad}\n");
        check(&line, &line, &[&format!("BadRandom m:1:3 `{bad}`")]);
    }
    let (sources, logical) = run(&[("m", "$R=${_RANDOM 3 9}\na $R b\n")], &Profile::default());
    assert_eq!(&*logical.text, "a 3 b\n");
    assert!(logical.is_symbolic(Span::new(2, 3)) && !logical.is_symbolic(Span::new(4, 5)));
    let symbolic = &logical.symbolic;
    assert_eq!(symbolic.len(), 1);
    assert_eq!((symbolic[0].0.as_str(), sources.text(symbolic[0].1)), ("${_RANDOM 3 9}", "${_RANDOM 3 9}"));
}

#[test]
fn environment_comes_from_the_profile() {
    let profile = Profile { defines: [("E".to_owned(), "val".to_owned())].into(), ..Profile::default() };
    check_in(&[("m", "a ${_ENV E}b $E ${E}\n")], &profile, "a valb val val\n", &[]);
    check_in(&[("m", "$E=mine\na ${_ENV E} $E\n")], &profile, "a val mine\n", &[]);
    check("a${_ENV E}b\n", "a_ENV_Eb\n", &[]);
    check("a ${_ENV} b\n", "a  b\n", &["EnvWithoutName m:1:3 `${_ENV}`"]);
    check("a $_ENV b\n", "a  b\n", &["EnvWithoutName m:1:3 `$_ENV`"]);
    let symbolic = |profile: &Profile| run(&[("m", "a ${_ENV E}\n")], profile).1.symbolic.len();
    assert_eq!((symbolic(&profile), symbolic(&Profile::default())), (0, 1));
}

// Sequences

#[test]
fn sequences_of_numbers() {
    for (arguments, values) in [
        ("I, 3", "1 2 3"),
        ("I, 0", "1 0"),
        ("I, -2", "-1 -2"),
        ("I, 3, 1", "3 2 1"),
        ("I, 1, 2, 5", "1 3 5"),
        ("I, 1, 3, 3", "1"),
        ("I, 5, -2, 1", "5 3 1"),
        ("I, 1, -1, 1", "1"),
        ("I,0x9,0xb", "9 10 11"),
        ("I, 010, 011", "8 9"),
        (" I , +1 , 2 ", "1 2"),
        ("I,,2", "0 1 2"),
    ] {
        let text: String = values.split(' ').map(|value| format!("a{value} x\n")).collect();
        check(&format!("~SEQ({arguments}) a$I x\n"), &text, &[]);
    }
    check("~SEQx(I, 9, 11) a$I\n", "a9\naa\nab\n", &[]);
    check("$N=1\n~SEQ(I, $N, ${N}0, 11) a$I\n", "a1\na11\n", &[]);
    check("b { ~SEQ(I, 2) a$I\n}\n", "b { \na1\na2\n}\n", &[]);
    check("~SEQ (I, 2)a$I# c\n", "a1\na2\n", &[]);
    check("~SEQ(I, 2) ~SEQ(J, 7, 8) a${I}_$J\n", "a1_7\na1_8\na2_7\na2_8\n", &[]);
    check("~SEQ(I, 3)\na $I\n", "a 3\n", &[]);
    check("~SEQ(I, 2) b$I { c }\n", "b1 { c }\nb2 { c }\n", &[]);
    check("~SEQ(I, 2) b$I {\n c\n}\n", "b1 {\nb2 {\n c\n}\n", &[]);
    check("$M=a$I x \\\n b$I\n~SEQ(I, 2) $M\n", "a1 x\nb1\na2 x\nb2\n", &[]);
    check("$S=~SEQ(I, 2) a$I\n$I=9\n$S\n", "a1\na2\n", &[]);
    // Behind a brace the whole line is expanded first.
    check("$I=9\nb { ~SEQ(I, 2) a$I\n", "b { \na9\na9\n", &[]);
}

#[test]
fn sequences_of_lists() {
    check("~LST(I, aa, bb) a$I\n", "aaa\nabb\n", &[]);
    check("~LST(I, aa, , cc) a${I}x\n", "aaax\nax\naccx\n", &[]);
    check("~LST({I,J}, {a,b}, { c , d }) ${I}-$J\n", "a-b\nc-d\n", &[]);
    check("~LST({I,J}, {a}, b, {,c}) ${I}-${J}.\n", "a-.\nb-.\n-c.\n", &[]);
    check("$L=a, b\n~LST(I, $L) x $I\n", "x a, b\n", &[]);
    check("~LST(I, 10.0.0.1/24, fe80::1%e0, 'q') a $I\n", "a 10.0.0.1/24\na fe80::1%e0\na 'q'\n", &[]);
    check("~LST(I, a, b)\nx $I\n", "x b\n", &[]);
    check("~LST({}, a) x\n", "x\n", &[]);
}

#[test]
fn broken_sequences_are_dropped() {
    for (line, reason, shown) in [
        ("~SEQ(I, 1, -1, 5) a", "its step -1 does not lead from 1 to 5 (the step stands in the middle)", 17),
        ("~SEQ(I, 1, 0, 5) a", "its step is 0", 16),
        ("~SEQ(I, 1,, 5) a", "its step is 0", 14),
        ("~SEQ(I, a, b) c", "`a` is no whole number", 13),
        ("~SEQ(I, 0x) c", "`0x` is no whole number", 11),
        ("~SEQ(I, 1-2) c", "`1-2` is no whole number", 12),
        ("~SEQ(I) c", "it has no last number", 7),
        ("~SEQ(I, 1, 2, 3, 4) c", "it takes three numbers at most: start, step and end", 19),
        ("~SEQ() a", "it has no name for its variable", 6),
        ("~SEQ(I, 1, 3 a", "it has no `)`", 14),
        ("~SEQ a", "a `(` must follow", 6),
        ("~SEQX(I, 2) a", "a `(` must follow", 11),
        ("~SEQx(I, -1, 3) a", "`~SEQx` takes no negative numbers", 15),
        ("~LST(I) a", "it has no values", 7),
        ("~LST() a", "it has no values", 6),
        ("~LST({I,J}, {a,b,c}) d", "it has 3 values for 2 names", 20),
        ("~LST(I, {a,b}) d", "it has 2 values for 1 name", 14),
        ("~LST(I, \"a b\", c) d", "a value has a blank or a brace in it, or a comma is missing", 17),
        ("~LST(I, a}b) d", "a value has a blank or a brace in it, or a comma is missing", 12),
        ("~LST({I}, {a}{b}) d", "a value has a blank or a brace in it, or a comma is missing", 17),
    ] {
        let fault = format!("BadSequence {{ reason: {reason:?} }} m:1:1 `{}`", &line[..shown]);
        check(&format!("{line}\nz\n"), "z\n", &[&fault]);
    }
}

#[test]
fn other_tildes_are_words() {
    check("$X=1\n~FOO(I, 1) $X\n", "~FOO(I, 1) $X\n", &[]);
    check("~seq(I, 2) a\n", "~seq(I, 2) a\n", &[]);
    check("$I=1\na ~SEQ(I, 2) $I\n", "a ~SEQ(I, 2) 1\n", &[]);
}

// Includes

#[test]
fn files_are_included() {
    let check = |main: &str, text: &str| {
        let files = [
            ("m", main),
            ("d/a", "a\n"),
            ("d/b1", "b1\n"),
            ("d/b2", "b2"),
            ("d/n", "include b1\n"),
            ("d/def", "$X=1\n"),
            ("d/open", "b {"),
            ("d/close", "}\n"),
        ];
        check_in(&files, &Profile::default(), text, &[]);
    };
    check("include d/a\nz\n", "a\nz\n");
    check("  include\td/a   # why\n", "a\n");
    check("x {\n include d/a\n}\n", "x {\na\n}\n");
    check("x { include d/a\n}\n", "x { \na\n}\n");
    check("x } include d/a\n", "x } \na\n");
    check("include d/n\n", "b1\n");
    check("include d/b?\nz\n", "b1\nb2\nz\n");
    check("include d/{b2,a}\nz\n", "b2\na\nz\n");
    check("include d/{a,b{1,2}}\n", "a\nb1\nb2");
    check("$F=d/a\ninclude $F\ninclude ${F}\n", "a\na\n");
    check("$F=include d/a\n$F\n$G=incl\n${G}ude d/a\n", "a\na\n");
    check("include d/def\nx $X\n", "x 1\n");
    check("include d/open\ny\ninclude d/close\n", "b {\ny\n}\n");
    check("@^x include d/a\n@x include d/b1\n", "a\n");
    check("~SEQ(I, 1) include d/b$I\n", "b1\n");
    for word in ["includer", "includem", "includew", "includeb", "includea"] {
        check(&format!("{word} d/a\n"), "a\n");
    }
    for line in ["include\n", "include   # x\n", "include#x\n", "INCLUDE d/a\n", "includet d/a\n", "\"include\" d/a\n"]
    {
        check(&format!("$X=\n{line}"), line);
    }
}

#[test]
fn missing_files_are_reported() {
    #[rustfmt::skip]
    let table = [
        // variant, missing, wildcard, one of braces, all of braces
        ("include",  false, false, false, false),
        ("includer", false, false, false, false),
        ("includem", true,  false, false, false),
        ("includew", true,  true,  false, false),
        ("includeb", false, false, true,  true),
        ("includea", true,  true,  true,  true),
    ];
    for (word, missing, wildcard, one, all) in table {
        let check = |pattern: &str, reported: &str, is_wildcard: bool, fatal: bool, text: &str| {
            let main = format!("{word} {pattern}\nz\n");
            let column = word.len() + 2;
            let kind = format!("IncludeNotFound {{ pattern: {reported:?}, wildcard: {is_wildcard}, fatal: {fatal} }}");
            let files = [("m", main.as_str()), ("a", "a\n")];
            check_in(&files, &Profile::default(), text, &[&format!("{kind} m:1:{column} `{pattern}`")]);
        };
        check("none", "none", false, missing, "z\n");
        check("none*", "none*", true, wildcard, "z\n");
        check("{a,none}", "none", false, one, "a\nz\n");
        check("{x,y}", "{x,y}", false, all, "z\n");
        check("a b", "a b", false, missing, "z\n");
        check("\"a\"", "\"a\"", false, missing, "z\n");
    }
}

#[test]
fn include_check_adds_to_later_includes() {
    let fatal = |checks: &str, include: &str| {
        let main = format!("global_defs {{\n{checks}\n}}\n{include}\n");
        let (_, logical) = run(&[("m", &main), ("a", "")], &Profile::default());
        format!("{:?}", logical.faults).contains("fatal: true")
    };
    assert!(!fatal("", "include none"));
    assert!(fatal("include_check match", "include none"));
    assert!(fatal("include_check match", "includer none"));
    assert!(fatal("include_check", "include none*"));
    assert!(fatal("include_check brace_match", "include {a,none}"));
    assert!(!fatal("include_check read", "include none"));
    assert!(!fatal("include_check\ninclude_check -match", "include none"));
    assert!(fatal("include_check match\ninclude_check +wildcard_match", "include none"));
    assert!(!fatal("include_check match\ninclude_check wildcard_match", "include none"));
    assert!(!fatal("# include_check match", "include none"));
}

/// A folder `d`, a program `x` and a file `p` that may not be read.
struct OddFiles;

impl FileSystem for OddFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        match path {
            "d" => Err(ReadError::NotAFile),
            "p" => Err(ReadError::Other("permission denied".to_owned())),
            "x" => Ok(b"x\n".to_vec()),
            _ => Err(ReadError::NotFound),
        }
    }

    fn glob(&self, _: &str) -> Vec<String> {
        vec!["d".to_owned(), "x".to_owned()]
    }

    fn is_executable(&self, path: &str) -> bool {
        path == "x"
    }
}

#[test]
fn unreadable_files_are_reported() {
    let kinds = |main: &str| {
        let (_, logical) = run_on(("m", main), &OddFiles, &Profile::default());
        logical.faults.iter().map(|fault| format!("{:?}", fault.kind)).collect::<Vec<_>>()
    };
    let fault = |path: &str, reason: &str, fatal: bool| {
        format!("IncludeUnreadable {{ path: {path:?}, reason: {reason:?}, fatal: {fatal} }}")
    };
    assert_eq!(kinds("include d\n"), [fault("d", "it is no regular file", false)]);
    assert_eq!(kinds("includer d\n"), [fault("d", "it is no regular file", true)]);
    assert_eq!(kinds("include p\n"), [fault("p", "permission denied", false)]);
    for word in ["includer", "includem", "includew", "includeb", "includea"] {
        assert_eq!(kinds(&format!("{word} x\n")), [fault("x", "it may be executed", true)]);
    }
    assert_eq!(kinds("include ?\n").len(), 2);
}

#[test]
fn cycles_are_reported_once_and_not_followed() {
    let profile = Profile::default();
    let fault = "IncludeCycle { path: \"m\" } m:2:9 `m`";
    check_in(&[("m", "a\ninclude m\nb\n")], &profile, "a\nb\n", &[fault]);
    let files = &[("m", "include a\ninclude a\n"), ("a", "1\ninclude b\n"), ("b", "2\ninclude a\n")];
    check_in(files, &profile, "1\n2\n1\n2\n", &["IncludeCycle { path: \"a\" } b:2:9 `a`"]);
}

#[test]
fn what_is_left_of_a_line_comes_before_the_included_file() {
    // As in keepalived, where the second turn looks for its file beside the first.
    let files = &[("m", "~SEQ(I, 2) include d/f$I\n"), ("d/f1", "one\n"), ("d/f2", "two\n")];
    let fault = "IncludeNotFound { pattern: \"d/f2\", wildcard: false, fatal: false } m:1:20 `d/f$I`";
    check_in(files, &Profile::default(), "one\n", &[fault]);
    let files = &[("m", "$M=a \\\n include f \\\n b\n$M\n"), ("f", "in\n")];
    check_in(files, &Profile::default(), "a\nb\nin\n", &[]);
}

#[test]
fn faults_of_included_files_are_theirs() {
    let files = &[("m", "a\ninclude d/f\n"), ("d/f", "b $X\nc ${Y}\n\0\n")];
    let via = "include m:2:1 `include d/f`";
    let expected = [
        "NulByte d/f:3:1 `\0`".to_owned(),
        format!("UndefinedName {{ name: \"X\", braces: false }} d/f:1:3 `$X` <- {via}"),
        format!("UndefinedName {{ name: \"Y\", braces: true }} d/f:2:3 `${{Y}}` <- {via}"),
    ];
    let expected: Vec<_> = expected.iter().map(String::as_str).collect();
    check_in(files, &Profile::default(), "a\nb $X\nc ${Y}\n", &expected);
    let (sources, logical) = run(files, &Profile::default());
    let names: Vec<_> = logical.files.iter().map(|&file| sources.file(file).name()).collect();
    assert_eq!(names, ["m", "d/f"]);
}

// Places

#[test]
fn places_lead_to_what_was_typed() {
    let main = |text| [("m", text)];
    check_place(&main("$X=abc\n\n  key $X z\n"), "key", "m:3:3 `key`");
    check_place(&main("$X=abc\n\n  key $X z\n"), "abc", "m:1:4 `abc` <- definition X m:3:7 `$X`");
    check_place(&main("$X=abc\n\n  key $X z\n"), "bc", "m:1:5 `bc` <- definition X m:3:7 `$X`");
    check_place(&main("$X=abc\nk p${X}s z\n"), "pabcs", "m:2:3 `p${X}s`");
    check_place(&main("$X=abc\nk p${X}s z\n"), "s z", "m:2:8 `s z`");
    check_place(&main("$A=v\n$B=w${A}\nk $B\n"), "wv", "m:2:4 `w${A}` <- definition B m:3:3 `$B`");
    check_place(
        &main("$A=v\n$B=w${A}\nk $B\n"),
        "v",
        "m:1:4 `v` <- definition A m:2:5 `${A}` <- definition B m:3:3 `$B`",
    );
    check_place(&main("b { @^x c d\n"), "c", "m:1:9 `c`");
    check_place(&main("@^x b { ~SEQ(I, 9) c\n"), "c", "m:1:20 `c` <- turn I=1 m:1:9 `~SEQ(I, 9)`");
    check_place(&main("a $_PWD\n"), ".", "m:1:3 `$_PWD` <- built-in _PWD m:1:3 `$_PWD`");
    check_place(&main("é $_PWD ü\n"), "ü", "m:1:9 `ü`");
}

#[test]
fn the_seventeenth_turn_is_found() {
    let files = &[("m", "x\n  ~SEQ(I, 1, 20) key w${I} $I\n")];
    check_place(files, "w17", "m:2:22 `w${I}` <- turn I=17 m:2:3 `~SEQ(I, 1, 20)`");
    let number = "m:2:3 `~SEQ(I, 1, 20)` <- definition I m:2:28 `$I` <- turn I=17 m:2:3 `~SEQ(I, 1, 20)`";
    check_place(files, "17\n", "m:2:28 `$I\n` <- turn I=17 m:2:3 `~SEQ(I, 1, 20)`");
    let (sources, logical) = run(files, &Profile::default());
    let at = logical.text.find(" 17").expect("the number") as u32 + 1;
    assert_eq!(show(&sources, &logical.place(Span::new(at, at + 2))), number);

    // A fault that shows in one turn only.
    let main = "$N17=${NOPE}\n~LST({I,J}, {1,a}, {17,b}) k ${N17}$J x\n~SEQ(I, 17, 18) k ${N$I\n";
    let (sources, logical) = run(&[("m", main)], &Profile::default());
    let turn = |values: &str| format!("turn {values} m:2:1 `~LST({{I,J}}, {{1,a}}, {{17,b}})`");
    let fault = |values: &str| {
        let use_ = "definition N17 m:2:30 `${N17}`";
        format!("UndefinedName {{ name: \"NOPE\", braces: true }} m:1:6 `${{NOPE}}` <- {use_} <- {}", turn(values))
    };
    assert_eq!(faults(&sources, &logical)[..2], [fault("I=1 J=a"), fault("I=17 J=b")]);
}

#[test]
fn faults_in_definition_bodies_lead_through_their_uses() {
    let body = "$M=vrrp { \\\n  key $NOPE x \\\n }\n";
    let via = "definition M m:4:1 `$M`";
    let fault = format!("UndefinedName {{ name: \"NOPE\", braces: false }} m:2:7 `$NOPE` <- {via}");
    check(&format!("{body}$M\n"), "vrrp {\nkey $NOPE x\n}\n", &[&fault]);
    let files = &[("m", "$A=${NOPE}\ninclude f\n"), ("f", "x\ny $A\n")];
    let fault = "UndefinedName { name: \"NOPE\", braces: true } m:1:4 `${NOPE}` <- definition A f:2:3 `$A` \
                 <- include m:2:1 `include f`";
    check_in(files, &Profile::default(), "x\ny ${NOPE}\n", &[fault]);
}

#[test]
fn list_values_lead_to_the_list() {
    let files = &[("m", "~LST({I,J}, {aa,bb}, {cc,dd}) k $I ${J}x\n")];
    let turn = "turn I=cc J=dd m:1:1 `~LST({I,J}, {aa,bb}, {cc,dd})`";
    check_place(files, "cc", &format!("m:1:23 `cc` <- definition I m:1:33 `$I` <- {turn}"));
    check_place(files, "ddx", &format!("m:1:36 `${{J}}x` <- {turn}"));
}

#[test]
fn neighbours_share_a_piece() {
    let text = "$X=1\na {\n  b\n}\n# c\nd $X e\nf\ng\n";
    let (_, logical) = run(&[("m", text)], &Profile::default());
    assert_eq!(&*logical.text, "a {\n  b\n}\n# c\nd 1 e\nf\ng\n");
    let starts: Vec<_> = logical.pieces.iter().map(|piece| piece.start).collect();
    assert_eq!(starts, [0, 16, 17]);
    let typed = |start: usize| logical.is_typed(Span::new(start as u32, start as u32 + 1));
    assert!(typed(0) && typed(14) && !typed(16) && typed(18));
}

// Limits

/// The text, and the clauses of the limits that were reached.
fn limits(files: Files) -> (String, Vec<String>) {
    let (sources, logical) = run(files, &Profile::default());
    check_laws(&sources, &logical);
    let clauses = logical.faults.iter().map(|fault| format!("{:?}", fault.kind));
    (logical.text.to_string(), clauses.filter(|kind| kind.contains("Limit")).collect())
}

#[test]
fn depth_is_limited() {
    let nested: String = (0..100).map(|level| format!("$V{level}=${{V{}}}\n", level + 1)).collect();
    let (text, reached) = limits(&[("m", &format!("{nested}$V100=end\na ${{V60}}\na ${{V0}}\n"))]);
    assert_eq!(text, "a end\na ${V0}\n");
    assert_eq!(reached.len(), 1, "{reached:?}");

    let (text, reached) = limits(&[("m", &format!("{}a\n", "~SEQ(I, 1) ".repeat(80)))]);
    assert_eq!((text.as_str(), reached.len()), ("", 1), "{reached:?}");

    let names: Vec<_> =
        (0..50).map(|level| (format!("f{level}"), format!("{level}\ninclude f{}\n", level + 1))).collect();
    let files: Vec<_> = names.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let (text, reached) = limits(&files);
    assert_eq!((text.lines().count(), reached.len()), (33, 1), "{reached:?}");
}

#[test]
fn size_is_limited() {
    // The rest of the file is read on.
    let long = "\n".repeat(999_995);
    let (text, reached) = limits(&[("m", "include f\n~SEQ(I, 99999999) ~SEQ(J, 99999999) a\nb\n"), ("f", &long)]);
    assert_eq!((text.trim_start(), reached.len()), ("a\na\na\na\nb\n", 1));
    let (_, reached) = limits(&[("m", &format!("include {}\n", "{a,b}".repeat(100)))]);
    assert_eq!(reached.len(), 1);
    let doubling: String = (0..40).map(|level| format!("$V{level}=${{V{0}}}${{V{0}}}\n", level + 1)).collect();
    let (text, reached) = limits(&[("m", &format!("{doubling}$V40=\na ${{V0}}\na ${{V0}}\n"))]);
    assert_eq!((text.as_str(), reached.len()), ("a ${V0}\na ${V0}\n", 2));
}

#[test]
fn hostile_files_take_no_longer_than_others() {
    let definitions: String = (0..20_000).map(|index| format!("$V{index}=${{V{}}}\n", index + 1)).collect();
    let lines = |line: &str| format!("$A=a\n$E=\n{}", format!("{line}\n").repeat(200_000 / line.len()));
    for text in [
        definitions,
        lines(&"${A}".repeat(250)),
        lines(&"${E}".repeat(250)),
        "${A}${A}".repeat(25_000),
        lines(&"$".repeat(1000)),
        lines(&"${_ENV ".repeat(140)),
        lines(&"{$x".repeat(300)),
        lines(&"{ @^n ".repeat(160)),
        lines(&format!("{}@", " ".repeat(1000))),
        "{\n".repeat(50_000) + "$X=1\n",
        "# include\n".repeat(20_000) + "$X=1\n",
        "include ".to_owned() + &"{".repeat(1000),
    ] {
        let (sources, logical) = run(&[("m", &text)], &Profile::default());
        check_laws(&sources, &logical);
    }
}

// Anything

/// A linear congruential generator.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

#[test]
fn any_text_is_expanded() {
    const PARTS: [&str; 48] = [
        "$",
        "{",
        "}",
        "${",
        "@",
        "^",
        "~",
        "SEQ(",
        "LST(",
        "x(",
        ")",
        ",",
        "=",
        "\"",
        "'",
        "#",
        "!",
        "\\",
        "\n",
        "\n",
        "\n",
        "\r\n",
        " ",
        " ",
        "\t",
        "A",
        "B",
        "$A=",
        "$B=",
        "\n$A=",
        "\n$B=",
        "${A}",
        "$B ",
        "$A\n",
        "\n~SEQ(A, 3) ",
        "\n~LST({A,B},{a,b},{c}) ",
        "include ",
        "\ninclude f\n",
        "\ninclude *\n",
        "1",
        "-9",
        "_RANDOM",
        "_ENV",
        "_PWD",
        "é",
        "\0",
        "\u{feff}",
        "\\\n",
    ];
    for seed in 0..1000 {
        let mut random = Random(seed);
        let mut text = |length: usize| -> String { (0..length).map(|_| PARTS[random.below(PARTS.len())]).collect() };
        let (main, included) = (text(120), text(30));
        let profile = if seed % 2 == 0 { with_id("A") } else { Profile::default() };
        let (sources, logical) = run(&[("m", &main), ("f", &included)], &profile);
        check_laws(&sources, &logical);
    }
}

#[test]
fn any_bytes_are_expanded() {
    for seed in 0..300 {
        let mut random = Random(seed);
        let bytes: Vec<u8> = (0..400).map(|_| random.below(256) as u8).collect();
        let mut sources = Sources::default();
        let main = sources.add(SourceFile::new("m", bytes));
        let logical = expand(&mut sources, main, &MemoryFiles::default(), &Profile::default());
        check_laws(&sources, &logical);
    }
}
