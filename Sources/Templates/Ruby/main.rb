# From arguments to frames.
module Lockstep
  def self.list(release, output)
    Dir.children(File.join(release, 'jobs')).sort.each do |name|
      next unless File.exist?(File.join(release, 'jobs', name, 'spec'))

      job = JobSpec.new(release, name)
      scripts = job.templates.values.grep(%r{\Abin/(pre-start|post-start|post-deploy|pre-stop|drain|post-stop|run)\z})
      output.frame('job', name, job.description.lines.first.to_s.strip,
                   scripts.map { |path| path.delete_prefix('bin/') }.join(' '))
    rescue Fault => e
      output.error(e)
    end
  rescue SystemCallError => e
    output.error(Fault.new('jobs', nil, reason(e)))
  end

  # nil if it is not given.
  def self.release_name(release)
    %w[final.yml final.yaml].each do |name|
      path = File.join(release, 'config', name)
      next unless File.exist?(path)

      table = table(path, "config/#{name}")
      return table['name'] || table['final_name']
    end
    nil
  end

  def self.apply_spec(path)
    return {} if path.empty? || !File.exist?(path)

    value = JSON.parse(File.read(path, encoding: 'bom|utf-8'))
    value.is_a?(Hash) ? value : {}
  rescue JSON::ParserError
    raise Fault.new(path, nil, 'is no JSON')
  end

  def self.context(release_folder, given, apply_path)
    spec = Instance.spec(given.spec, apply_spec(apply_path))
    spec['properties'] = given.properties
    spec['links'] = given.links.compact
    release = spec['release'].is_a?(Hash) ? spec['release'] : {}
    spec['release'] = { 'name' => release_name(release_folder), 'version' => nil }.merge(release)
    spec
  end

  def self.templates(job)
    list = job.templates.map do |source, destination|
      Template.new(job, "templates/#{source}", destination.to_s)
    end
    return list unless File.exist?(File.join(job.folder, 'monit'))

    [Template.new(job, 'monit', 'monit'), *list]
  end

  def self.fresh(spec)
    Bosh::Common::Template::EvaluationContext.new(copy(spec))
  end

  def self.render(release, name, properties, apply_path, output)
    output.frame('at', "jobs/#{name}/spec")
    job = JobSpec.new(release, name)
    given = Given.new(job, properties, output)
    given.faults.each { |fault| output.error(fault) }
    return unless given.faults.empty?

    spec = context(release, given, apply_path)
    if File.exist?(File.join(job.folder, 'properties_schema.json'))
      output.warning("jobs/#{name}/properties_schema.json",
                     'is not looked at here; the director checks the properties against it')
    end
    original = fresh(spec)
    context = fresh(spec)
    templates(job).each do |template|
      output.frame('at', template.shown)
      # The next template does not see what one changes.
      context = fresh(spec) unless original == context
      text = template.render(context)
      output.frame('file', template.destination, template.shown, text)
    rescue Fault => e
      output.error(e)
    end
  end

  def self.main(arguments, output)
    mode, *rest = arguments
    begin
      mode == 'list' ? list(*rest, output) : render(*rest, output)
    rescue Fault => e
      output.error(e)
    end
    output.frame('end')
  end
end

Lockstep.main(ARGV, Lockstep::Output.new(frames))
# Anything that a template left behind, such as a thread, can print no more.
$stderr.flush
exit!(0)
