/// An argument vector as one could write it in a shell.
package func shellWords(_ vector: [String]) -> String {
  vector.map(shellWord).joined(separator: " ")
}

/// One argument as one could write it in a shell: in quotes unless it needs none.
package func shellWord(_ word: String) -> String {
  let isPlain = word.unicodeScalars.allSatisfy {
    switch $0 {
    case "A"..."Z", "a"..."z", "0"..."9", "_", ".", "/", ":", "@", "%", "+", ",", "=", "-": true
    default: false
    }
  }
  if isPlain, !word.isEmpty { return word }
  let pieces = word.split(separator: "'", omittingEmptySubsequences: false)
  return "'\(pieces.joined(separator: "'\\''"))'"
}
