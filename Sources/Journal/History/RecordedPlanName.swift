import PlanLanguage

extension RunHeader {
  /// The name that the plan gives itself in its recorded text, otherwise the name of its file.
  package var planName: String {
    if let source = sources.first {
      let file = SourceFile(id: FileID(0), name: source.name, bytes: Array(source.value.utf8))
      if let name = Parser.parse(file).tree.plan?.name.text { return name }
    }
    return plan.split(separator: "/").last.map(String.init) ?? plan
  }
}
