import Machine
import System
import VM
import Wire

/// The socket in a run's folder by which a later connection reaches the process that works for the
/// run.
final class TakeoverSocket {
  private let socket: Descriptor
  private let loop: EventLoop
  /// It must stay open, because the socket's path leads through it.
  private let folder: FarRunFolder
  private var watch: WatchToken?

  /// Listens.
  ///
  /// - Parameters:
  ///   - folder: of the run.
  ///   - loop: calls when somebody connects.
  ///   - came: takes each connection.
  /// - Throws: why it cannot.
  init(
    _ folder: FarRunFolder,
    _ loop: EventLoop,
    came: @escaping (consuming Descriptor) -> Void
  ) throws(SystemError) {
    self.folder = folder
    socket = try LocalSocket.listen(at: folder.socketPath)
    self.loop = loop
    watch = try loop.watch(socket.number, for: .reading) { [unowned self] in
      if let connection = next() { came(connection) }
    }
  }

  /// A connection that was made and not taken yet; nil if there is none.
  func next() -> Descriptor? { LocalSocket.accept(socket.number) }

  /// Lets nobody connect any more; who has just connected is still found by `next`.
  func withdraw() {
    LocalSocket.remove(folder.socketPath)
    if let watch { loop.cancel(watch) }
    watch = nil
  }

  /// Connects to the process that works for a run; nil if there is none.
  ///
  /// - Parameters:
  ///   - run: the run's name.
  ///   - root: the VM's folder.
  /// - Returns: the connection.
  static func connect(run: String, root: String) -> Descriptor? {
    guard let id = RunID(run), let place = RunStore.Place.beneath(root),
      let store = try? RunStore.existing(place),
      let folder = try? FarRunFolder.existing(id, in: store)
    else { return nil }
    return try? LocalSocket.connect(to: folder.socketPath)
  }
}
