-- wrk -s wrk.lua URL -- PATHS_FILE HOST START MODE
-- Asks for the paths of a file in their order, from number START on and over and over, with the headers of a browser.
-- Everything that can be made beforehand is: wrk must not be what is measured.
--   MODE load    answers are looked at only as far as wrk does by itself (status above 399)
--   MODE check   every path about once, then end; every answer must be a 302
local paths, position, head, tail = {}, 0, 'GET ', nil
local threads = {}

-- wrk.thread:stop() would leave wrk asleep until its time is up; only SIGINT wakes it. In the background, because wrk is
-- deaf to it during os.execute; repeated, because the first may reach the thread that does not sleep.
local interrupt = '(while sleep 0.1; kill -INT $PPID; do :; done) 2>/dev/null &'

-- Global, because thread:get reads globals only.
answered, wrong = 0, 0

function setup(thread)
  threads[#threads + 1] = thread
end

function init(args)
  for path in io.lines(args[1]) do paths[#paths + 1] = path end
  tail = browser_headers(args[2])
  position = tonumber(args[3]) % #paths
  if args[4] == 'check' then response = check end
end

function browser_headers(host)
  return ' HTTP/1.1\r\n' .. table.concat({
    'Host: ' .. host,
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
    'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
    'Accept-Language: en-US,en;q=0.9,de;q=0.8',
    'Accept-Encoding: gzip, deflate, br, zstd',
  }, '\r\n') .. '\r\n\r\n'
end

function request()
  position = position % #paths + 1
  return head .. paths[position] .. tail
end

function check(status)
  answered = answered + 1
  if status ~= 302 then wrong = wrong + 1 end
  if answered == #paths then os.execute(interrupt) end
end

-- The last line of the output is one line of JSON.
function done(summary)
  local checked, not302 = 0, 0
  for _, thread in ipairs(threads) do
    checked, not302 = checked + thread:get('answered'), not302 + thread:get('wrong')
  end
  local errors = summary.errors
  print(string.format(
    '{"requests":%d,"micros":%d,"brokenConnections":%d,"errorAnswers":%d,"checked":%d,"not302":%d}',
    summary.requests, summary.duration, errors.connect + errors.read + errors.write + errors.timeout,
    errors.status, checked, not302))
end
