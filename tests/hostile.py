"""What a submission may hold that must not run, load or be obeyed where it is shown."""

PAYLOADS = [
    "<script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    "<svg onload='window.hacked = 1'></svg>",
    "<iframe srcdoc='<script>parent.hacked = 1</script>'></iframe>",
    "<img src='https://evil.example/pixel.png'>",
    "<link rel=stylesheet href='https://evil.example/x.css'>",
    "<base href='https://evil.example/'>",
    "<details open ontoggle='window.hacked = 1'>x</details>",
    "<a href='javascript:window.hacked = 1' id=bait>x</a>",
    "<button class='full-credit' onclick='window.hacked = 1'>x</button>",
]
CODE = f"""
from IPython.display import HTML, Markdown, Javascript, SVG, Latex, display
class Odd:
    def __repr__(self): return "<script>window.hacked = 1</script>"
    def _repr_html_(self): return {PAYLOADS[0]!r}
    def _repr_svg_(self): return "<svg xmlns='http://www.w3.org/2000/svg' onload='window.hacked = 1'></svg>"
for payload in {PAYLOADS!r}:
    display(HTML(payload), Markdown(payload), Latex(payload))
    print(payload)
display(Javascript("window.hacked = 1"), SVG("<svg xmlns='http://www.w3.org/2000/svg' onload='hacked=1'></svg>"), Odd())
display({{"application/vnd.jupyter.widget-view+json": {{}}, "text/plain": "w"}}, raw=True)
print("\\x1b[31mred\\x1b[0m \\x1b]0;title\\x07 \\x1b[2J")
Evil = type("<script>window.hacked = 1</script>", (Exception,), {{}})
raise Evil("<img src=x onerror='window.hacked = 1'>")
"""
