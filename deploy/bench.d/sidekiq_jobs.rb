# Sidekiq's side of the benchmark: the jobs, for its worker (-r); as a program, `load N` and `slow N` queue them.
# Environment: REDIS_URL; BENCH_SIDEKIQ: `tuned` logs no job and lets hiredis speak to Redis.
require "sidekiq"

if ENV["BENCH_SIDEKIQ"] == "tuned"
  require "redis/connection/hiredis"
  Sidekiq.logger.level = Logger::WARN
end
Redis.silence_deprecations = true

class Nothing
  include Sidekiq::Worker

  def perform
  end
end

class Slow
  include Sidekiq::Worker

  def perform
    note("starts")
    sleep 5
    note("ends")
  end

  def note(list)
    Sidekiq.redis { |redis| redis.rpush(list, "#{jid} #{Process.pid} #{Time.now.to_f}") }
  end
end

kind = {"load" => Nothing, "slow" => Slow}[ARGV[0]]
if kind
  Array.new(Integer(ARGV[1])) { [] }.each_slice(1000) do |args|
    Sidekiq::Client.push_bulk("class" => kind, "args" => args)
  end
end
