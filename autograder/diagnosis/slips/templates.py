"""What a whole step of the formula becomes, and how that is called."""

V = "__value__"
# What a whole step becomes, and how that is called.
WHOLE = {
    **{f"{c} * {V}": f"{{}} times {c}" for c in ("2", "3", "4", "5", "10", "0.5", "0.1")},
    f"{V} / 3": "{} divided by 3",
    **{f"{V} + {c}": f"{{}} + {c}" for c in ("1", "2", "0.5", "0.1", "0.01", "0.001")},
    **{f"{V} - {c}": f"{{}} − {c}" for c in ("1", "2", "0.5", "0.1", "0.01", "0.001")},
    f"-{V}": "{} with the opposite sign",
    f"1 - {V}": "1 minus {}",
    f"1 - {V} ** 2": "1 minus the square of {}",
    f"1 / {V}": "1 divided by {}",
    f"{V} ** 2": "{} squared",
    f"{V} ** 3": "{} to the third power",
    f"np.sqrt({V})": "the square root of {}",
    f"np.abs({V})": "{} without its sign",
    f"np.maximum({V}, 0)": "{} with negative numbers set to 0",
    f"np.maximum({V}, 0.5)": "{} with numbers below 0.5 set to 0.5",
    f"np.minimum({V}, 1)": "{} with numbers above 1 set to 1",
    f"np.sign({V})": "the sign of {}",
    f"np.log({V})": "the logarithm of {}",
    f"np.exp({V})": "the exponential of {}",
    f"np.tanh({V})": "tanh of {}",
    f"np.round({V})": "{} rounded to whole numbers",
    f"np.round({V}, 1)": "{} rounded to one decimal",
    f"np.round({V}, 2)": "{} rounded to two decimals",
    f"np.round({V}, 3)": "{} rounded to three decimals",
    f"{V}[::-1]": "{} from the last row to the first",
    f"{V}[:, ::-1]": "{} with its columns from the last to the first",
    f"np.roll({V}, 1, axis=0)": "{} with each row one place too late",
    f"np.roll({V}, -1, axis=0)": "{} with each row one place too early",
    f"np.cumsum({V}, axis=0)": "{} added up one after the other (a cumulative sum)",
    f"{V} - np.mean({V}, axis=0)": "{} minus its mean over the entries",
    f"{V} - np.mean({V})": "{} minus its mean",
    f"{V} * np.mean({V})": "{} times its mean",
    f"np.mean({V}, axis=0) + 0 * {V}": "the mean of {} over the entries",
    f"np.mean({V}) + 0 * {V}": "the mean of {}",
    f"np.max({V}) + 0 * {V}": "the largest of {}",
    f"np.min({V}) + 0 * {V}": "the smallest of {}",
    f"np.sqrt(np.mean({V} ** 2)) + 0 * {V}": "the root mean square of {}",
    f"{V} / np.sum({V})": "{} divided by its sum",
    f"{V} / np.max(np.abs({V}))": "{} divided by its largest number",
}
BY_SIZE = {
    "{v} * {s}": "{{}} times {s}",
    "{v} / {s}": "{{}} divided by {s}",
    "{v} * np.sqrt({s})": "{{}} times the square root of {s}",
    "{v} / np.sqrt({s})": "{{}} divided by the square root of {s}",
}
BY_NUMBER = {
    **{f"{{v}} + {c} * {{p}}": f"{{{{}}}} + {c} · {{p}}" for c in ("2", "3", "0.1", "0.01")},
    **{f"{{v}} - {c} * {{p}}": f"{{{{}}}} − {c} · {{p}}" for c in ("2", "3", "0.1", "0.01")},
    "{v} + {p}": "{{}} + {p}",
    "{v} - {p}": "{{}} − {p}",
    "{v} * {p}": "{{}} times {p}",
    "{v} / {p}": "{{}} divided by {p}",
}
BY_ARRAY = {
    "{v} / np.sum(np.abs({p}))": "{{}} divided by the sum of |{p}|",
    "{v} / np.linalg.norm({p})": "{{}} divided by the length of {p}",
    "{v} * np.mean({p})": "{{}} times the mean of {p}",
    "{v} + 0.1 * np.sum({p} ** 2)": "{{}} + 0.1 times the sum of the squares of {p}",
    "{v} + 0.1 * {p}": "{{}} + 0.1 · {p}",
    "{v} + 0.01 * {p}": "{{}} + 0.01 · {p}",
}
# By a value that the function has at that line: an argument, or what an earlier line gives a name to.
BY_VALUE = {
    "{v} * {p}": "{{}} times {p}",
    "{v} / {p}": "{{}} divided by {p}",
    "{v} + {p}": "{{}} + {p}",
    "{v} - {p}": "{{}} − {p}",
    "{v} * (1 - {p})": "{{}} times (1 − {p})",
    "{v} * {p} * (1 - {p})": "{{}} times {p}(1 − {p})",
    "{v} / ({p} * (1 - {p}))": "{{}} divided by {p}(1 − {p})",
    "{v} / np.sqrt({p} * (1 - {p}))": "{{}} divided by the square root of {p}(1 − {p})",
    "{v} * np.abs({p})": "{{}} times |{p}|",
    "{v} * {p} ** 2": "{{}} times the square of {p}",
    "{v} * np.sum({p})": "{{}} times the sum of {p}",
    "{v} * np.sum({p}, axis=0)": "{{}} times the sums of the columns of {p}",
    "{v} * np.sum({p}, axis=1)": "{{}} times the sums of the rows of {p}",
    "{v} * np.mean({p}, axis=0)": "{{}} times the means of the columns of {p}",
    "{v} - np.mean({p}, axis=0)": "{{}} − the means of the columns of {p}",
    "{v} / np.max(np.abs({p}))": "{{}} divided by the largest number of {p}",
}
# A mean that is written as a sum divided by n is replaced as a whole.
IN_PLACE_OF_MEAN = {
    "np.max({v}{axis})": "the largest",
    "np.min({v}{axis})": "the smallest",
    "np.median({v}{axis})": "the median",
    "np.std({v}{axis})": "the standard deviation",
    "np.prod({v}{axis})": "the product",
    "np.max(np.abs({v}){axis})": "the largest size, without signs,",
    "np.mean(np.abs({v}){axis})": "the mean size, without signs,",
    "np.sqrt(np.mean({v} ** 2{axis}))": "the root of the mean square",
    "np.mean({v} ** 2{axis})": "the mean square",
    "({v})[..., 0]": "the first",
    "({v})[..., -1]": "the last",
    "({v})[0].sum()": "the first row alone",
    "({v})[-1].sum()": "the last row alone",
    "np.max(np.sum({v}, axis=-1))": "the largest row sum",
    "np.min(np.sum({v}, axis=-1))": "the smallest row sum",
    "np.median(np.sum({v}, axis=-1))": "the median of the row sums",
    "np.linalg.norm({v})": "the root of the sum of the squares",
}
LAW_OF_MEAN = "{said} of {name} in place of the mean over the entries"
# Items of a list of layers: of one that a loop is filling, and of one that is full.
FILLING = {
    "A[-1]": "A",
    "A[-2]": "A two layers below",
    "A[-3]": "A three layers below",
    "A[len(A) - 2]": "the item before the last of the list A",
}
FULL = {
    "A[-1]": "A of the last layer",
    "A[-2]": "A of the layer below the last",
    "A[-3]": "A two layers below the last",
    "A[layer - 1]": "A two layers below, which for layer 1 is that of the last layer",
    "A[layer + 1]": "A of this layer",
    "weights[layer - 1]": "W of the layer below",
    "weights[layer + 1]": "W of the layer above",
}
