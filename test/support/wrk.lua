-- wrk -s wrk.lua URL -- PATH: the same path again and again; `random`: an unknown code of eight characters each time.
local path
local letters = 'abcdefghijklmnopqrstuvwxyz0123456789'
local headers = { Host = 's.example', ['User-Agent'] = 'Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0.0.0 Safari/537.36' }

function init(args)
  path = args[1]
  math.randomseed(os.time())
end

function request()
  local asked = path
  if path == 'random' then
    local code = {}
    for i = 1, 8 do
      local at = math.random(#letters)
      code[i] = letters:sub(at, at)
    end
    asked = '/' .. table.concat(code)
  end
  return wrk.format('GET', asked, headers)
end

-- wrk counts answers above 399 as errors of status, which unknown codes have to be.
function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    '{"requests":%d,"perSecond":%.1f,"p50Ms":%.3f,"p99Ms":%.3f,"maxMs":%.3f,"failures":%d}',
    summary.requests, summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000,
    latency:percentile(99) / 1000, latency.max / 1000,
    errors.connect + errors.read + errors.write + errors.timeout + (path == 'random' and 0 or errors.status)))
end
