/// How the parts of a picture look, on light and on dark backgrounds.
///
/// The rules are written twice, because only browsers know CSS variables. No meaning depends on
/// colour alone: each state also has a sign.
enum SVGStyle {
  private struct Palette {
    var page, band, head, lane, label, text, muted, line, box, border, bar, handler: String
    var states: [(name: String, fill: String, border: String)]
  }

  private static let light = Palette(
    page: "#ffffff",
    band: "#f4f6fa",
    head: "#1c2733",
    lane: "#d5dbe5",
    label: "#3c4a5c",
    text: "#16202b",
    muted: "#5b6878",
    line: "#8b99ab",
    box: "#ffffff",
    border: "#93a3b8",
    bar: "#3d5a80",
    handler: "#b26a00",
    states: [
      ("succeeded", "#e2f4e6", "#2e8b4a"), ("failed", "#fde3e1", "#c9302c"),
      ("failed-optional", "#fdeeda", "#c77700"), ("running", "#dfecfd", "#2a6fdb"),
      ("cancelled", "#efe6f8", "#7c4dbd"), ("blocked", "#eceef1", "#8a94a3"),
      ("skipped", "#f6f7f9", "#a5afbc"), ("unknown", "#fffbea", "#b08b00"),
    ]
  )

  private static let dark = Palette(
    page: "#12171e",
    band: "#181f28",
    head: "#e8edf3",
    lane: "#2c3744",
    label: "#b4c0ce",
    text: "#e8edf3",
    muted: "#9aa8b8",
    line: "#64748a",
    box: "#1f2833",
    border: "#56677c",
    bar: "#86aede",
    handler: "#e0a04a",
    states: [
      ("succeeded", "#163520", "#4fb56c"), ("failed", "#4a1c1c", "#ef6c66"),
      ("failed-optional", "#44300f", "#e39b34"), ("running", "#16304f", "#5f9df0"),
      ("cancelled", "#33244a", "#ab86e0"), ("blocked", "#252b33", "#76818f"),
      ("skipped", "#1a2028", "#5d6875"), ("unknown", "#332d12", "#cfae3c"),
    ]
  )

  /// The whole style sheet; every rule begins with `.ls`, the class of the picture.
  static let sheet: String =
    """
    .ls{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
    .ls text{font-size:12px}
    .ls .title{font-size:19px;font-weight:650}
    .ls .sub,.ls .legend{font-size:11.5px}
    .ls .head{font-size:13px;font-weight:650}
    .ls .about{font-size:10.5px}
    .ls .job{font-size:12px;font-weight:650}
    .ls .inst{font-size:11.5px}
    .ls .n{font-weight:550}
    .ls .m{font-size:10px}
    .ls .ft{font-size:9.5px}
    .ls .box rect{stroke-width:1.2}
    .ls .group rect{stroke-width:1.6}
    .ls .unknown rect{stroke-dasharray:5 3}
    .ls .skipped rect{stroke-dasharray:2 3}
    .ls .skipped .n{text-decoration:line-through}
    .ls .link{fill:none;stroke-width:1.2}
    .ls .hl{stroke-dasharray:4 4}
    .ls .frame{fill:none;stroke-width:1;stroke-dasharray:1 3;stroke-linecap:round}
    .ls .fh{stroke-dasharray:5 4}
    .ls .lane{stroke-width:1}
    .ls .mid{text-anchor:middle}
    .ls .end{text-anchor:end}

    """ + rules(light) + "@media(prefers-color-scheme:dark){\n" + rules(dark) + "}\n"

  private static func rules(_ palette: Palette) -> String {
    var text = """
      .ls .page{fill:\(palette.page)}
      .ls .band{fill:\(palette.band)}
      .ls .title,.ls .head{fill:\(palette.head)}
      .ls .job,.ls .inst{fill:\(palette.label)}
      .ls .lane{stroke:\(palette.lane)}
      .ls .n,.ls .legend{fill:\(palette.text)}
      .ls .m,.ls .sub,.ls .about,.ls .ft,.ls .g{fill:\(palette.muted)}
      .ls .link{stroke:\(palette.line)}
      .ls .tip{fill:\(palette.line)}
      .ls .frame{stroke:\(palette.line)}
      .ls .fh,.ls .hl{stroke:\(palette.handler)}
      .ls .fth{fill:\(palette.handler)}
      .ls .bar rect{fill:\(palette.bar)}
      .ls .join rect{fill:\(palette.line)}
      .ls .box rect{fill:\(palette.box);stroke:\(palette.border)}
      .ls .handler rect{stroke:\(palette.handler)}

      """
    for state in palette.states {
      text +=
        ".ls .\(state.name) rect{fill:\(state.fill);stroke:\(state.border)}\n"
        + ".ls .\(state.name) .g{fill:\(state.border)}\n"
    }
    return text
  }
}
