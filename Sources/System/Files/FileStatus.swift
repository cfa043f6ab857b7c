import CLinux
import Glibc

/// What stat(2) says of a file.
package struct FileStatus: Hashable, Sendable {
  /// A moment in seconds since 1970, and the nanoseconds after them.
  package struct Time: Hashable, Sendable {
    package var seconds: Int
    package var nanoseconds: Int
  }

  /// Kind and permissions (inode(7)).
  package var mode: UInt32
  /// The number of the user that it belongs to.
  package var owner: UInt32
  /// The number of the group that it belongs to.
  package var group: UInt32
  /// The number of the device that it is on.
  package var device: UInt
  /// Its number on that device.
  package var inode: UInt
  /// How many names it has.
  package var links: Int
  /// In bytes.
  package var size: Int
  /// How many blocks of 512 bytes it takes on disk.
  package var blocks: Int
  /// When its content last changed.
  package var modified: Time
  /// When its content or what else is said here last changed.
  package var changed: Time

  /// Reads the status of an open file; nil if fstat(2) fails, and `errno` says why.
  ///
  /// - Parameter descriptor: of the file.
  package init?(of descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  /// Reads the status of the file at a path; nil if fstatat(2) fails, and `errno` says why.
  ///
  /// - Parameters:
  ///   - path: absolute, or relative to `folder`.
  ///   - folder: an open folder.
  ///   - follow: whether a link at the end of the path is followed.
  package init?(_ path: String, in folder: Int32 = AT_FDCWD, follow: Bool) {
    var status = stat()
    guard fstatat(folder, path, &status, follow ? 0 : AT_SYMLINK_NOFOLLOW) == 0 else {
      return nil
    }
    self.init(status)
  }

  /// Reads the status of the file at a path that is a C string already.
  package init?(cString path: UnsafePointer<CChar>, in folder: Int32, follow: Bool) {
    var status = stat()
    guard fstatat(folder, path, &status, follow ? 0 : AT_SYMLINK_NOFOLLOW) == 0 else {
      return nil
    }
    self.init(status)
  }

  private init(_ status: stat) {
    mode = status.st_mode
    owner = status.st_uid
    group = status.st_gid
    device = UInt(status.st_dev)
    inode = UInt(status.st_ino)
    links = Int(status.st_nlink)
    size = Int(status.st_size)
    blocks = Int(status.st_blocks)
    changed = Time(seconds: status.st_ctim.tv_sec, nanoseconds: status.st_ctim.tv_nsec)
    modified = Time(seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
  }

  /// Identifies the file, whatever it is called.
  package var identity: FileIdentity { FileIdentity(device: device, number: inode) }

  /// Whether it is a regular file.
  package var isRegular: Bool { lockstep_is_regular(mode) != 0 }
  /// Whether it is a folder.
  package var isFolder: Bool { lockstep_is_folder(mode) != 0 }
  /// Whether it is a symbolic link.
  package var isLink: Bool { lockstep_is_link(mode) != 0 }

  /// What it is, for people, with its article.
  package var kindWords: String {
    switch mode & S_IFMT {
    case S_IFREG: "a file"
    case S_IFDIR: "a folder"
    case S_IFLNK: "a link"
    case S_IFIFO: "a named pipe"
    case S_IFSOCK: "a socket"
    case S_IFCHR, S_IFBLK: "a device"
    default: "something other than a file"
    }
  }
}
