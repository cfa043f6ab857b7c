# Renders the templates of a BOSH release job, as the director does, for `lockstep render`.
#
#   ruby -e PROGRAM list RELEASE-DIR
#   ruby -e PROGRAM render RELEASE-DIR JOB PROPERTIES-FILE APPLY-SPEC     an empty name means none
#
# Standard output contains frames: a line with the kind and the lengths of the fields in bytes, then
# the fields without anything between them; the last one is `end`. What a template prints goes to
# standard error.
require 'erb'
require 'json'
require 'ostruct'
require 'shellwords'
require 'time'
require 'uri'
require 'yaml'

frames = $stdout.dup
frames.binmode
frames.close_on_exec = true
$stdout.reopen($stderr)

if Gem::Version.new(RUBY_VERSION) < Gem::Version.new('2.6')
  abort "this Ruby is #{RUBY_VERSION}, and templates need 2.6 or later"
end
# A template whose text grows without end must not use up the machine's memory.
begin
  Process.setrlimit(:AS, 4 << 30)
rescue SystemCallError, ArgumentError
  nil
end

# The director loads all of these, so templates use them without require.
autoload :Base64, 'base64'
autoload :Digest, 'digest'
autoload :FileUtils, 'fileutils'
autoload :IPAddr, 'ipaddr'
autoload :OpenSSL, 'openssl'
autoload :Pathname, 'pathname'
autoload :Resolv, 'resolv'
autoload :SecureRandom, 'securerandom'
autoload :Set, 'set'
autoload :StringIO, 'stringio'
autoload :Tempfile, 'tempfile'
autoload :Zlib, 'zlib'

# From ActiveSupport: object/blank.
class Object
  def blank?
    respond_to?(:empty?) ? !!empty? : !self
  end

  def present?
    !blank?
  end

  def presence
    self if present?
  end
end

# From bosh-common.
module Kernel
  def with_thread_name(name)
    before = Thread.current[:name]
    Thread.current[:name] = name
    yield
  ensure
    Thread.current[:name] = before
  end
end

class String
  def blank?
    match?(/\A[[:space:]]*\z/)
  end
end
