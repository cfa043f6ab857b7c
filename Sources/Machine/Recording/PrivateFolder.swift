import CLinux
import Glibc
import System
import VM

/// Creates and opens the folders that runs are recorded in.
enum PrivateFolder {
  /// No one else may read plans, parameters and results.
  static let mode: mode_t = 0o700

  /// Opens a folder in another; creates it if it is missing and `makes` says so.
  ///
  /// A folder that was created is on disk afterwards, with its name.
  ///
  /// - Parameters:
  ///   - name: one component; a link is not followed.
  ///   - parent: an open folder.
  ///   - path: the folder's own path, for people.
  ///   - makes: whether to create it if it is missing.
  /// - Returns: a descriptor that can be synced; nil if it is missing and was not created.
  /// - Throws: why it cannot be used.
  static func open(
    _ name: String,
    in parent: Int32,
    path: String,
    makes: Bool
  ) throws(Problem) -> Descriptor? {
    var isMade = false
    if makes {
      isMade = mkdirat(parent, name, mode) == 0
      if !isMade, errno != EEXIST { throw Problem(state: path, errno) }
    }
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    let number = lockstep_openat(parent, name, flags, 0)
    if number < 0 {
      let error = errno
      if error == ENOENT, !makes { return nil }
      // O_DIRECTORY is checked first: a link is ENOTDIR.
      let status = FileStatus(name, in: parent, follow: false)
      throw Problem(state: path, error == ENOTDIR && status?.isLink == true ? ELOOP : error)
    }
    let folder = Descriptor(owning: number)
    guard let status = FileStatus(of: number) else { throw Problem(state: path, errno) }
    try Problem.checkOwner(status, path: path)
    // An existing one may have been created by a process that did not get as far as the sync.
    if isMade { try sync(parent, path: path) } else if makes { try? sync(parent, path: path) }
    return folder
  }

  /// Creates a path's missing folders; each is on disk afterwards.
  ///
  /// - Throws: why not.
  static func make(_ path: String) throws(Problem) {
    if mkdir(path, mode) != 0 {
      if errno == EEXIST { return }
      guard errno == ENOENT, let parent = parent(of: path) else {
        throw Problem(state: path, errno)
      }
      try make(parent)
      if mkdir(path, mode) != 0, errno != EEXIST { throw Problem(state: path, errno) }
    }
    let folder: Descriptor
    do {
      folder = try Descriptor.folder(parent(of: path) ?? ".")
    } catch {
      throw Problem(state: path, error.number)
    }
    try sync(folder.number, path: path)
  }

  /// The folder that a path's last component is in; nil if none needs to be created.
  private static func parent(of path: String) -> String? {
    let trimmed = path.utf8.reversed().drop { $0 == UInt8(ascii: "/") }
    let folder = trimmed.drop { $0 != UInt8(ascii: "/") }.drop { $0 == UInt8(ascii: "/") }
    if folder.isEmpty { return path.hasPrefix("/") && !trimmed.isEmpty ? "/" : nil }
    return String(decoding: folder.reversed(), as: UTF8.self)
  }

  /// Puts a folder's entries on disk.
  ///
  /// - Parameters:
  ///   - folder: an open folder, by any kind of descriptor.
  ///   - path: for errors.
  /// - Throws: why not; a file system without syncing is not an error.
  static func sync(_ folder: Int32, path: String) throws(Problem) {
    let number = lockstep_openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
    if number < 0 { throw Problem(state: path, errno) }
    let descriptor = Descriptor(owning: number)
    while fsync(descriptor.number) != 0 {
      switch errno {
      case EINTR: continue
      case EINVAL, EOPNOTSUPP, EROFS: return
      default: throw Problem(state: path, errno)
      }
    }
  }
}
