import CLinux
import Glibc

/// What a child does with its descriptors before it executes.
///
/// Kept, because consecutive starts usually get the same numbers.
///
/// glibc queries the limit of descriptors for each number, which is seven calls per start.
final class FileActions {
  private struct Key: Hashable {
    var folder: Int32
    var stdin: Int32
    var stdout: Int32
    var stderr: Int32
  }

  private final class Made {
    var actions = posix_spawn_file_actions_t()

    init() { posix_spawn_file_actions_init(&actions) }

    deinit { posix_spawn_file_actions_destroy(&actions) }
  }

  private let null: Int32
  private var made: [Key: Made] = [:]

  /// How many are kept; 64 parallel steps need about a hundred.
  private static let most = 1024

  /// Prepares it.
  ///
  /// - Parameter null: a descriptor of /dev/null, open as long as this object lives.
  init(null: Int32) { self.null = null }

  /// Gives `body` the actions of a child that runs in `folder` with these two
  /// descriptors as stdout and stderr, and no others.
  ///
  /// - Returns: what `body` returns; nil if memory runs out.
  func with<Result>(
    folder: Int32,
    stdin: Int32? = nil,
    stdout: Int32,
    stderr: Int32,
    _ body: (UnsafePointer<posix_spawn_file_actions_t>) -> Result
  ) -> Result? {
    let stdin = stdin ?? null
    let key = Key(folder: folder, stdin: stdin, stdout: stdout, stderr: stderr)
    if let known = made[key] { return withUnsafePointer(to: &known.actions, body) }
    let new = Made()
    guard posix_spawn_file_actions_adddup2(&new.actions, stdin, 0) == 0,
      posix_spawn_file_actions_adddup2(&new.actions, stdout, 1) == 0,
      posix_spawn_file_actions_adddup2(&new.actions, stderr, 2) == 0,
      lockstep_spawn_fchdir(&new.actions, folder) == 0,
      lockstep_spawn_closefrom(&new.actions, 3) == 0
    else { return nil }
    if made.count >= Self.most { made.removeAll(keepingCapacity: true) }
    made[key] = new
    return withUnsafePointer(to: &new.actions, body)
  }
}
