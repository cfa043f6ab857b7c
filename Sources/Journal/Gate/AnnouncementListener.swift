/// Somebody who is told everything that a run announces, in one stream: a display, a file of events,
/// a far end.
///
/// What the run has decided comes in that order, each thing when the disk has what it follows from;
/// what a step remarks comes behind what was announced before it. Only a signal is told at once, since a
/// person waits for the answer and the disk may be stuck. How the run ended is not announced: whoever
/// drives it knows.
package protocol AnnouncementListener: AnyObject {
  /// Takes the next announcement; it must not wait, because everything else would.
  func hear(_ due: DueAnnouncement)
  /// Nothing more is due for now; what was kept back to be written in one go can go out.
  func pause()
}

extension AnnouncementListener {
  package func pause() {}
}
