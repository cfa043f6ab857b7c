import CLinux
import Glibc
import System
package import VM

/// The machine's own Ruby, which templates are written in.
package struct RubyProgram: Sendable {
  /// The interpreter's path.
  package let path: String

  /// Where it is looked for by default.
  private static let usualFolders = "/usr/local/bin:/usr/bin:/bin"

  /// Finds it.
  ///
  /// - Parameter searchPath: folders, as `PATH` has them; nil for the usual ones only.
  /// - Throws: an error if there is none; it names the package that contains it.
  package init(searchPath: String?) throws(Problem) {
    guard let path = ProgramSearch.find("ruby", in: searchPath ?? Self.usualFolders) else {
      throw Problem(
        path: "ruby",
        what: "is not installed, and the templates of release jobs need it",
        help: "apt-get install ruby"
      )
    }
    self.path = path
  }

  /// All that the program finds in its environment: UTF-8, as on a director.
  var environment: [String] {
    var variables = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"]
    // A Ruby in a home folder needs it to find its own files.
    if let home = getenv("HOME") { variables.append("HOME=\(String(cString: home))") }
    return variables
  }
}
