-- wrk -s create.lua URL -- HOST API_KEY RUN
-- Every request makes a short URL of a long URL that no other has; RUN tells those of one run from those of another.
local number, head, url = 0, nil, nil

function init(args)
  head = 'POST / HTTP/1.1\r\n' .. table.concat({
    'Host: ' .. args[1],
    'X-Api-Key: ' .. args[2],
    'Content-Type: application/json',
    'Content-Length: ',
  }, '\r\n')
  url = '{"url":"https://www.example.com/articles/' .. args[3] .. '/%010d?utm_source=newsletter"}'
end

function request()
  number = number + 1
  local body = url:format(number)
  return head .. #body .. '\r\n\r\n' .. body
end

-- The last line of the output is one line of JSON.
function done(summary)
  local errors = summary.errors
  print(string.format(
    '{"requests":%d,"micros":%d,"brokenConnections":%d,"errorAnswers":%d}',
    summary.requests, summary.duration, errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end
