import Glibc
import System
import VM
import Wire

/// The far end of a run that is coordinated from another machine: `lockstep serve`.
///
/// It speaks the protocol of `Wire` on standard input and output, and does on this machine what the
/// near end asks for. A lost connection ends nothing: it continues without one as long as anything is
/// under way, and a later connection finds it again.
package enum FarEnd {
  /// How it ended.
  package enum End: Hashable, Sendable {
    /// As it should.
    case good
    /// Something was wrong; one line for people, who have seen it if they can.
    case bad(String)
  }

  /// Serves until nobody needs it any more.
  ///
  /// To be called on the main thread before there are others, because of the signals. A SIGTERM or
  /// SIGINT is taken for the loss of the connection; another one ends the process and leaves what is
  /// under way alone, as SIGKILL does.
  ///
  /// - Parameters:
  ///   - version: of this program.
  ///   - complain: shows a line to people, if there is anybody.
  /// - Returns: how it ended.
  package static func serve(
    version: String,
    complain: @escaping (String) -> Void
  ) -> End {
    // Nothing that ends the carrier's session or terminal concerns us. The leader of a group, which
    // something in a shell may be, cannot have its own; SIGHUP is ignored in any case.
    _ = setsid()
    do throws(SystemError) {
      let signals = try SignalWatch()
      defer { signals.restore() }
      let server = try Server(signals, version: version, complain: complain)
      return try server.serve()
    } catch {
      complain("\(error)")
      return .bad("\(error)")
    }
  }
}
